import { isProblem } from '@/api/problem'
import type { Progress } from '@/api/stream'
import { t } from '@/strings'
import { ActionDialog } from './ActionDialog'
import { done } from './notify'
import { useLast } from './useLast'

/** Does something with one thing after the other; one that is gone meanwhile is as good. Returns how many had their turn. */
export async function inTurn<T>(rows: T[], run: (row: T) => Promise<unknown>, report: (p: Progress) => void, signal: AbortSignal): Promise<number> {
  let n = 0
  for (const row of rows) {
    signal.throwIfAborted()
    await run(row).catch((e: unknown) => {
      if (!isProblem(e) || e.status !== 404) throw e
    })
    n++
    report({ made: n, amount: rows.length })
  }
  return n
}

export interface Picked<T, A extends string> {
  action: A
  rows: T[]
  /** Once it is done. */
  clear?: () => unknown
}

interface Props<T, A extends string> {
  asked?: Picked<T, A>
  onClose: () => void
  words: (action: A) => { title: (n: number) => string; submit: (n: number) => string; done: (n: number) => string }
  /** What will happen to these. */
  text: (asked: Picked<T, A>) => string
  /** What has to be typed, where more than a row is lost. */
  typed?: (asked: Picked<T, A>) => string | undefined
  run: (action: A, row: T) => Promise<unknown>
  /** Reads anew what it has changed. */
  changed: () => Promise<unknown>
}

/** Does something with those that are picked, of a list that is too short for a call of the server's that names many. */
export function EachDialog<T, A extends string>({ asked, onClose, words, text, typed, run, changed }: Props<T, A>) {
  const shown = useLast(asked)
  if (!shown) return null
  const { action, rows, clear } = shown
  const part = words(action)
  const destroys = action === 'delete' || action === 'clear'
  return (
    <ActionDialog
      opened={Boolean(asked)}
      onClose={onClose}
      title={part.title(rows.length)}
      text={text(shown)}
      danger={destroys}
      typed={typed?.(shown)}
      label={() => part.submit(rows.length)}
      ended={action === 'delete' ? t.common.endedDelete : undefined}
      run={async (report, signal) => {
        try {
          done(part.done(await inTurn(rows, (row) => run(action, row), report, signal)))
          await clear?.()
        } finally {
          void changed()
        }
      }}
    />
  )
}
