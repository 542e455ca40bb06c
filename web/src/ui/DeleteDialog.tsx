import { ActionDialog } from './ActionDialog'
import { done } from './notify'
import { useLast } from './useLast'

interface Props<T> {
  /** What it asks about; undefined: it asks nothing. */
  of?: T
  onClose: () => void
  words: { title: (name: string) => string; text?: string; submit: string; done: string }
  /** Where the text depends on what is deleted. */
  text?: (of: T) => string
  /** Whether its name has to be typed. */
  typed?: (of: T) => boolean
  run: (of: T) => Promise<unknown>
}

/** Asks whether one thing is to be deleted, and deletes it. */
export function DeleteDialog<T extends { name: string }>({ of, onClose, words, text, typed, run }: Props<T>) {
  const shown = useLast(of)
  if (!shown) return null
  return (
    <ActionDialog
      opened={Boolean(of)}
      onClose={onClose}
      title={words.title(shown.name)}
      text={text ? text(shown) : words.text}
      danger
      typed={typed?.(shown) ? shown.name : undefined}
      label={() => words.submit}
      run={async () => {
        await run(shown)
        done(words.done)
      }}
    />
  )
}
