import type { components } from './schema.gen'

export type ProblemBody = components['schemas']['Problem']

/** A call that the server refused, or that never reached it. */
export class Problem extends Error {
  readonly status: number // 0: there was no answer
  readonly code: string
  readonly errors: { field: string; message: string }[]
  readonly requestId: string
  readonly retryAfter: number // seconds; 0: waiting does not help

  constructor(body: Partial<ProblemBody> & { status: number; detail: string }, retryAfter = 0) {
    super(body.detail)
    this.name = 'Problem'
    this.status = body.status
    this.code = body.code ?? ''
    this.errors = body.errors ?? []
    this.requestId = body.request_id ?? ''
    this.retryAfter = retryAfter
  }
}

export const isProblem = (e: unknown, code?: string): e is Problem => e instanceof Problem && (!code || e.code === code)

/** Whether the person has to sign in before anything else works. A wrong password in a form is no reason. */
export const isSignedOut = (e: unknown): e is Problem => e instanceof Problem && e.status === 401 && e.code !== 'auth.credentials'
