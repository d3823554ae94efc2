import { runThread } from '../harness/thread-pair.ts'
import { workOff, type UnevenTask } from './uneven.ts'

await runThread<UnevenTask>(({ role, link }) => workOff(link, role))
