import { type ChildProcess, execFile, spawn } from 'node:child_process'
import { once } from 'node:events'
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { promisify } from 'node:util'

const run = promisify(execFile)
const program = new URL('../../bin/latchkey', import.meta.url).pathname

export const owner = { email: 'owner@example.com', password: 'a long enough password' }

/** A real server on a data folder of its own. */
export interface Server {
  url: string
  /** The owner's API key; '' before there is an owner. */
  key: string
  /** What the server printed. */
  printed: () => string
  /** Calls the management API as a program does. */
  call: <T = unknown>(method: string, path: string, body?: unknown) => Promise<T>
  /** Calls the compatible client API, as a sold program does. */
  client: (form: Record<string, string>) => Promise<{ success: boolean; message: string; sessionid?: string }>
  /** Runs the command line against it. */
  cli: (...args: string[]) => Promise<string>
  stop: () => Promise<void>
  start: () => Promise<void>
  close: () => Promise<void>
}

interface Options {
  /** Leave it to the test to make the owner. */
  fresh?: boolean
  flags?: string[]
  /** Path below which browsers find it. */
  base?: string
}

export async function startServer({ fresh = false, flags = [], base = '' }: Options = {}): Promise<Server> {
  const dir = await mkdtemp(join(tmpdir(), 'latchkey-e2e-'))
  const data = join(dir, 'data')
  const address = `127.0.0.1:${await freePort()}`
  const url = `http://${address}${base}`
  let key = ''
  if (!fresh) {
    const file = join(dir, 'password')
    await writeFile(file, owner.password)
    const { stdout } = await run(program, ['init', '--data', data, '--email', owner.email, '--password-file', file, '--json'])
    key = (JSON.parse(stdout) as { api_key: string }).api_key
  }
  let child: ChildProcess
  let out = ''

  async function start() {
    const args = ['serve', '--data', data, '--listen', address, '--limits', 'off', ...(base ? ['--public-url', url] : []), ...flags]
    child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] })
    child.stdout?.on('data', (text) => (out += String(text)))
    child.stderr?.on('data', (text) => (out += String(text)))
    for (let i = 0; i < 200; i++) {
      if (child.exitCode !== null) throw new Error(`the server ended: ${out}`)
      const ready = await fetch(`http://${address}/readyz`).catch(() => null)
      if (ready?.ok) return
      await new Promise((done) => setTimeout(done, 50))
    }
    throw new Error(`the server did not start: ${out}`)
  }
  async function stop() {
    if (child.exitCode !== null) return
    const ended = once(child, 'exit')
    child.kill('SIGTERM')
    await ended
  }
  await start()
  const self: Server = {
    url,
    get key() {
      return key
    },
    set key(k: string) {
      key = k
    },
    printed: () => out,
    async call<T>(method: string, path: string, body?: unknown): Promise<T> {
      const res = await fetch(`${url}/api/v1${path}`, {
        method,
        headers: { Authorization: `Bearer ${key}`, 'Content-Type': 'application/json' },
        body: body === undefined ? undefined : JSON.stringify(body),
      })
      const text = await res.text()
      // A test that is walked once more meets the application of its first walk.
      if (res.status === 409 && method === 'POST' && path === '/apps') {
        const { name } = body as { name: string }
        const { apps } = await self.call<{ apps: AppMade[] }>('GET', '/apps?limit=1000')
        const old = apps.find((a) => a.name === name)
        if (old) {
          await self.call('DELETE', `/apps/${old.id}?confirm=${encodeURIComponent(name)}`)
          return self.call<T>(method, path, body)
        }
      }
      if (!res.ok) throw new Error(`${method} ${path}: ${res.status} ${text}`)
      return (text ? JSON.parse(text) : undefined) as T
    },
    async client(form) {
      const res = await fetch(`${url}/api/1.3/`, { method: 'POST', body: new URLSearchParams(form) })
      return (await res.json()) as { success: boolean; message: string; sessionid?: string }
    },
    async cli(...args) {
      const { stdout } = await run(program, args, { env: { ...process.env, LATCHKEY_URL: url, LATCHKEY_API_KEY: key }, maxBuffer: 1 << 30 })
      return stdout
    },
    start,
    stop,
    async close() {
      await stop()
      await rm(dir, { recursive: true, force: true })
    },
  }
  return self
}

async function freePort(): Promise<number> {
  const probe = createServer().listen(0, '127.0.0.1')
  await once(probe, 'listening')
  const at = probe.address()
  probe.close()
  await once(probe, 'close')
  if (at === null || typeof at === 'string') throw new Error('no port')
  return at.port
}

export interface AppMade {
  id: string
  name: string
  owner_id: string
}

/** Signs a customer in with a license, as a sold program does. */
export async function redeem(server: Server, app: AppMade, key: string, hwid: string) {
  const named = { name: app.name, ownerid: app.owner_id }
  const init = await server.client({ type: 'init', ver: '1.0', ...named })
  return server.client({ type: 'license', key, hwid, sessionid: init.sessionid ?? '', ...named })
}

export const axeSource = await readFile(new URL('../node_modules/axe-core/axe.min.js', import.meta.url), 'utf8')
