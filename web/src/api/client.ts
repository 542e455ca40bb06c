import createClient, { type Middleware } from 'openapi-fetch'
import { base } from '@/base'
import { t } from '@/strings'
import { reachable, unreachable } from './connection'
import { isProblem, isSignedOut, Problem, type ProblemBody } from './problem'
import type { components, paths } from './schema.gen'

export type Schema = components['schemas']
export type License = Schema['License']
export type LicenseCounts = Schema['LicenseCounts']
export type App = Schema['App']
export type Subscription = Schema['Subscription']
export type User = Schema['User']

/** Where the management API is. */
export const apiRoot = base + '/api/v1'

let signInAgain: () => Promise<boolean> = () => Promise.resolve(false)

/** Has f called whenever an answer says that nobody is signed in any more; it says whether somebody is again. */
export function onSignedOut(f: () => Promise<boolean>) {
  signInAgain = f
}

let askAgain: () => Promise<boolean> = () => Promise.resolve(false)

/** Has f called whenever the server asks for the password once more; it says whether the password was given. */
export function onConfirmation(f: () => Promise<boolean>) {
  askAgain = f
}

/** Whether a download may begin, which is no call of ours and shows no problem: asks for the password where the server would. */
export async function mayDownload(): Promise<boolean> {
  const { data, response } = await api.GET('/session')
  const now = Date.parse(response.headers.get('Date') ?? '') || Date.now() // by the server's clock
  return Date.parse(data?.confirmed_until ?? '') - now > 5_000 || askAgain()
}

/** fetch, with every way to fail as a Problem; a call that the server refuses until somebody has given their password is made again after that. */
export async function send(input: Request): Promise<Response> {
  const again = input.clone()
  try {
    return await attempt(input)
  } catch (e) {
    if (await mended(e, input)) return send(again)
    throw e
  }
}

/** Whether a person has done what a call was refused for. */
function mended(e: unknown, { method, url }: Request): Promise<boolean> | boolean {
  if (isProblem(e, 'auth.confirmation_required')) return askAgain()
  const signingOut = method === 'DELETE' && url.endsWith('/session')
  return isSignedOut(e) && !signingOut && signInAgain()
}

/** The cookie goes along by itself; the server wants JSON with it. */
async function attempt(input: Request): Promise<Response> {
  let response: Response
  try {
    response = await fetch(input)
  } catch (e) {
    if (input.signal.aborted) throw e
    unreachable()
    throw new Problem({ status: 0, detail: t.problems.noAnswer })
  }
  reachable()
  if (response.ok || response.status === 304) return response
  throw await problemOf(response)
}

async function problemOf(response: Response): Promise<Problem> {
  const wait = Number(response.headers.get('Retry-After') ?? 0)
  let body: ProblemBody | undefined
  try {
    body = (await response.json()) as ProblemBody
  } catch {
    // Not ours: a proxy's page.
  }
  if (response.status === 502 || response.status === 504) unreachable()
  return new Problem({ ...body, status: response.status, detail: body?.detail || body?.title || t.problems.status(response.status) }, wait)
}

const asJSON: Middleware = {
  onRequest({ request }) {
    if (request.method !== 'GET') request.headers.set('Content-Type', 'application/json')
    return request
  },
}

export const api = createClient<paths>({ baseUrl: apiRoot, fetch: send })
api.use(asJSON)

/** The body of an answer that has one. */
export async function take<T>(call: Promise<{ data?: T }>): Promise<NonNullable<T>> {
  const { data } = await call
  if (data == null) throw new Problem({ status: 0, detail: t.problems.noAnswer })
  return data
}

/** The body with the tag that an edit of it sends back in If-Match. */
export async function takeTagged<T>(call: Promise<{ data?: T; response: Response }>): Promise<{ value: NonNullable<T>; tag: string }> {
  const answer = await call
  return { value: await take(Promise.resolve(answer)), tag: answer.response.headers.get('ETag') ?? '' }
}

/** A fresh name for a call that must not happen twice (Idempotency-Key). */
export function callName(): string {
  return Array.from(crypto.getRandomValues(new Uint8Array(16)), (b) => b.toString(16).padStart(2, '0')).join('')
}
