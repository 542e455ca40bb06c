import { callName } from './client'
import { type Progress, stream } from './stream'

/** Does a bulk action and tells its outcome; what is cut off can be made again without doing it twice. */
export async function bulkAction<Outcome>(path: string, body: object, signal?: AbortSignal, onProgress?: (p: Progress) => void): Promise<Outcome> {
  let outcome: Outcome | undefined
  await stream(path, {
    body: JSON.stringify(body),
    name: callName(),
    signal,
    onProgress,
    onLine: (line) => {
      outcome = JSON.parse(line) as Outcome
    },
  })
  if (!outcome) throw new Error('a bulk action without an outcome')
  return outcome
}
