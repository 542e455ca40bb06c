import { t } from '@/strings'
import { apiRoot, callName } from './client'
import { reachable, unreachable } from './connection'
import { Problem, type ProblemBody } from './problem'
import type { Progress } from './stream'

/** Sends a file as the body of a call, and says how far it is: fetch cannot. */
export function upload<T>(path: string, file: File, signal: AbortSignal, onProgress: (p: Progress) => void): Promise<T> {
  return new Promise((resolve, reject) => {
    const request = new XMLHttpRequest()
    request.open('POST', apiRoot + path)
    request.responseType = 'json'
    // What forms of other sites cannot send: with the cookie the server wants it, whatever the body is.
    request.setRequestHeader('Content-Type', 'application/json')
    request.setRequestHeader('Idempotency-Key', callName())
    request.upload.onprogress = (e) => {
      onProgress({ made: e.loaded, amount: e.total })
    }
    request.onload = () => {
      reachable()
      if (request.status < 400) {
        resolve(request.response as T)
        return
      }
      const body = request.response as ProblemBody | null
      reject(new Problem({ ...body, status: request.status, detail: body?.detail || t.problems.status(request.status) }))
    }
    request.onerror = () => {
      unreachable()
      reject(new Problem({ status: 0, detail: t.problems.noAnswer }))
    }
    request.onabort = () => {
      reject(new Problem({ status: 0, detail: t.problems.cutOff }))
    }
    signal.addEventListener('abort', () => {
      request.abort()
    })
    request.send(file)
  })
}
