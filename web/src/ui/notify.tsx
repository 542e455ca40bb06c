import { notifications } from '@mantine/notifications'
import { isProblem, isSignedOut } from '@/api/problem'
import { t } from '@/strings'

/** Says that something is done. */
export function done(message: string, undo?: { label: string; run: () => void }) {
  const id = notifications.show({
    color: 'green',
    withBorder: true,
    message: undo ? (
      <>
        {message}{' '}
        <UndoLink
          label={undo.label}
          run={() => {
            notifications.hide(id)
            undo.run()
          }}
        />
      </>
    ) : (
      message
    ),
    autoClose: undo ? 8000 : 3000,
  })
}

/** The way back of what is done, as done takes it: run undoes it. */
export const undoing = (run: () => Promise<unknown>) => ({
  label: t.common.undo,
  run: () => {
    run().then(() => {
      done(t.common.undone)
    }, failed)
  },
})

function UndoLink({ label, run }: { label: string; run: () => void }) {
  return (
    <button type="button" className="lk-undo" onClick={run}>
      {label}
    </button>
  )
}

/** Says why something did not work. */
export function failed(e: unknown) {
  if (isSignedOut(e)) return // the sign-in page says it
  notifications.show({ color: 'red', withBorder: true, title: t.problems.title, message: sentence(e), autoClose: 8000 })
}

/** What went wrong, in a sentence for people. */
export function sentence(e: unknown): string {
  if (isProblem(e, 'request.precondition_failed')) return t.problems.changed
  return e instanceof Error ? e.message : String(e)
}
