import { runThread } from '../harness/thread-pair.ts'
import { drawShare, type FieldShare } from './box-field-draw.ts'

await runThread<FieldShare>(({ link }) => drawShare(link))
