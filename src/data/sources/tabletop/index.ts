export {
  labelsOfSetting,
  readTabletopDescription,
  type TabletopContents,
  type TabletopDescription,
  type TabletopSetting,
  type TabletopSplit,
  tabletopFile,
  tabletopFormat,
  tabletopSettings,
  tabletopSplits,
} from './description.ts'
export { type TabletopOptions, tabletop } from './source.ts'
