import { t } from '@/strings'
import { apiRoot, send } from './client'
import { Problem, type ProblemBody } from './problem'

const lines = 'application/x-ndjson'

export interface Progress {
  made: number
  amount: number
}

interface Ask {
  body?: BodyInit
  /** Names the call, so that it can be made again safely. */
  name?: string
  signal?: AbortSignal
  onProgress?: (p: Progress) => void
  /** Gets every line that is neither progress nor the end. */
  onLine: (line: string) => void
}

/**
 * Makes a long call and reads its answer line by line: progress, things, and a
 * last line that says whether all was done. A stream without that was cut off.
 */
export async function stream(path: string, ask: Ask): Promise<void> {
  const headers = new Headers({ 'Content-Type': 'application/json', Accept: lines })
  if (ask.name) headers.set('Idempotency-Key', ask.name)
  const response = await send(new Request(apiRoot + path, { method: 'POST', headers, body: ask.body, signal: ask.signal }))
  if (!response.body) throw new Problem({ status: 0, detail: t.problems.noAnswer })
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  let rest = ''
  let ended = false
  const read = (line: string) => {
    // The frequent lines first: a million of them go by.
    if (line.startsWith('{"progress"')) ask.onProgress?.((JSON.parse(line) as { progress: Progress }).progress)
    else if (line.startsWith('{"done"')) {
      ended = true
      const end = JSON.parse(line) as { done: boolean; problem?: ProblemBody }
      if (!end.done) throw new Problem(end.problem ?? { status: 0, detail: t.problems.cutOff })
    } else ask.onLine(line)
  }
  try {
    for (;;) {
      const { done, value } = await reader.read()
      if (done) break
      const all = rest + value
      const parts = all.split('\n')
      rest = parts.pop() ?? ''
      for (const line of parts) if (line) read(line)
    }
  } catch (e) {
    if (e instanceof Problem || ask.signal?.aborted) throw e
    throw new Problem({ status: 0, detail: t.problems.cutOff })
  }
  if (!ended) throw new Problem({ status: 0, detail: t.problems.cutOff })
}
