import { Checkbox, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { License, Schema } from '@/api/client'
import { fault, type Length, written } from '@/rules/duration'
import { t } from '@/strings'
import { ActionDialog, bulkPreview, type Preview } from '@/ui/ActionDialog'
import { DurationInput } from '@/ui/DurationInput'
import type { Selected } from '@/ui/list'
import { done, undoing } from '@/ui/notify'
import { useLast } from '@/ui/useLast'
import { type Action, bulk, bulkCount, licensesChanged, selection, setDuration } from './data'

interface Asked {
  action: Action
  selected: Selected<License>
  /** Once it is done, before anything is read anew. */
  clear?: () => unknown
}

interface Props {
  app: string
  asked?: Asked
  narrowed: Schema['LicenseConditions']
  onClose: () => void
}

// More than this are not deleted without a typed word.
const many = 100
// What is extended is set back one by one: this many at most.
const few = 50

/** Extend, ban, unban or delete: one license, those that are picked, or all that match. */
export function BulkDialog(props: Props) {
  const asked = useLast(props.asked)
  return asked ? <Dialog {...props} asked={asked} opened={Boolean(props.asked)} key={keyOf(asked)} /> : null
}

const keyOf = (a: Asked) => a.action + (a.selected.kind === 'rows' ? a.selected.rows.map((l) => l.id).join() : 'all')

function Dialog({ app, asked: { action, selected, clear }, narrowed, onClose, opened }: Props & { asked: Asked; opened: boolean }) {
  const [by, setBy] = useState<Length>({ amount: 30, unit: 'day' })
  const [reason, setReason] = useState('')
  const [userToo, setUserToo] = useState(false)
  const ids = selected.kind === 'rows' ? selected.rows.length : undefined
  const used = selected.kind === 'all' || selected.rows.some((l) => l.used_at)
  const words = t.licenses

  const body = {
    ...selection(selected, narrowed),
    ...(action === 'extend' ? { duration: written(by) } : {}),
    ...(action === 'ban' ? { reason, user_too: userToo } : {}),
    ...(action === 'delete' ? { user_too: userToo } : {}),
  }
  // The reason changes nothing of what a dry run finds.
  const key = [app, action, JSON.stringify({ ...body, reason: undefined })]
  const sound = action !== 'extend' || (by.unit !== 'lifetime' && fault(by) === null)
  const part = { extend: words.extend, ban: words.ban, unban: words.unban, delete: words.remove }[action]
  const finished = { extend: words.bulk.doneExtend, ban: words.bulk.doneBan, unban: words.bulk.doneUnban, delete: words.bulk.doneDelete }[action]

  /** The way back, where there is one that leads exactly there: of rows, whose states are known. */
  const undo = (changed: number) => {
    if (selected.kind !== 'rows') return undefined
    const { rows } = selected
    const unused = rows.filter((l) => l.status === 'not_used')
    if (action === 'ban') {
      const ids = rows.filter((l) => l.status !== 'banned').map((l) => l.id)
      return () => bulk({ app, action: 'unban', body: { ids }, signal: new AbortController().signal })
    }
    if (action === 'extend' && unused.length === changed && changed <= few) return () => setDuration(app, unused)
    return undefined
  }

  return (
    <ActionDialog
      opened={opened}
      onClose={onClose}
      title={part.title(ids)}
      text={part.text}
      danger={action === 'delete' || action === 'ban'}
      typed={action === 'delete' && (ids === undefined || ids > many) ? words.remove.typed : undefined}
      label={(p?: Preview) => part.submit(p?.changes)}
      preview={{
        key,
        load: async (signal) => {
          if (!sound) return { changes: 0, lines: [t.common.duration.tooShort] }
          const outcome = await bulkCount({ app, action, body, signal })
          return bulkPreview(outcome, { ...words.bulk, will: action === 'delete' ? words.bulk.willDelete : words.bulk.will })
        },
      }}
      run={async (report, signal) => {
        try {
          const outcome = await bulk({ app, action, body, signal, onProgress: report })
          const back = undo(outcome.changed)
          done(finished(outcome.changed), back && undoing(() => back().finally(() => licensesChanged(app))))
          await clear?.()
        } finally {
          void licensesChanged(app)
        }
      }}
    >
      {action === 'extend' && <DurationInput label={words.extend.by} value={by} onChange={setBy} lifetime={false} />}
      {action === 'ban' && (
        <Textarea
          label={words.ban.reason}
          description={words.ban.reasonHint}
          value={reason}
          onChange={(e) => {
            setReason(e.currentTarget.value)
          }}
          maxLength={500}
          autosize
          minRows={2}
          data-autofocus
        />
      )}
      {(action === 'ban' || action === 'delete') && used && (
        <Checkbox
          label={action === 'ban' ? words.ban.userToo : words.remove.userToo}
          checked={userToo}
          onChange={(e) => {
            setUserToo(e.currentTarget.checked)
          }}
        />
      )}
    </ActionDialog>
  )
}
