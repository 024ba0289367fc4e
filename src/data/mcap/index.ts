export { type BagEpisodes, type BagFrame, bagEpisodes } from './bag-episodes.ts'
export { bagSource } from './bag-source.ts'
export { BagWriter, type BagWriting } from './bag-writer.ts'
export { checkedTopicMap, type MappedFeature, readTopicMap, type TopicMap } from './topic-map.ts'
