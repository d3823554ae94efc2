/** Entry of the recorder's thread: writes what the coordinator feeds it and sleeps otherwise. */
import { runRecorder, type RecorderReport, type RecorderTask } from './recorder.ts'

export default function record(task: RecorderTask): RecorderReport {
  return runRecorder(task)
}
