import { existsSync, mkdirSync, mkdtempSync, rmSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { ConfigError, DataError, writeFileAtomic } from '../../core/index.ts'
import { dataColumn, dataLayout, storedFeatures, taskLayout } from './data-columns.ts'
import { checkedFrame, EpisodeBuffer, type RecordedFrame } from './episode-buffer.ts'
import { type EpisodeRow, episodeColumns, episodeLayout, statisticValue } from './episode-columns.ts'
import { type FeatureStatistics, mergeStatistics, statisticNames, vectorStatistics } from './feature-statistics.ts'
import {
  type FilePlace,
  frameColumns,
  type LerobotEpisode,
  type LerobotFeature,
  lerobotFiles,
  lerobotPath,
  lerobotSizes,
  type VideoPart,
} from './layout.ts'
import { appendRowGroup } from './parquet-append.ts'
