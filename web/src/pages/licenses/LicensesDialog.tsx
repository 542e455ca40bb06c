import { Checkbox } from '@mantine/core'
import { useState } from 'react'
import type { License, Schema } from '@/api/client'
import { fault, type Length, written } from '@/rules/duration'
import { t } from '@/strings'
import { type Asked, BulkDialog, keyOf, Reason } from '@/ui/BulkDialog'
import { DurationInput } from '@/ui/DurationInput'
import { useLast } from '@/ui/useLast'
import { type Action, bulk, count, licensesChanged, selection, setDuration } from './data'

const words = t.licenses

interface Props {
  app: string
  asked?: Asked<License, Action>
  narrowed: Schema['LicenseConditions']
  onClose: () => void
}

// More than this are not deleted without a typed word.
const many = 100
// What is extended is set back one by one: this many at most.
const few = 50

/** Extend, ban, unban or delete: one license, those that are picked, or all that match. */
export function LicensesDialog(props: Props) {
  const asked = useLast(props.asked)
  return asked ? <Dialog {...props} asked={asked} opened={Boolean(props.asked)} key={keyOf(asked)} /> : null
}

function Dialog({ app, asked, narrowed, onClose, opened }: Props & { asked: Asked<License, Action>; opened: boolean }) {
  const { action, selected } = asked
  const [by, setBy] = useState<Length>({ amount: 30, unit: 'day' })
  const [reason, setReason] = useState('')
  const [userToo, setUserToo] = useState(false)
  const used = selected.kind === 'all' || selected.rows.some((l) => l.used_at)
  const body = {
    ...selection(selected, narrowed),
    ...(action === 'extend' ? { duration: written(by) } : {}),
    ...(action === 'ban' ? { reason, user_too: userToo } : {}),
    ...(action === 'delete' ? { user_too: userToo } : {}),
  }
  const sound = action !== 'extend' || (by.unit !== 'lifetime' && fault(by) === null)
  const part = {
    extend: { ...words.extend, done: words.bulk.doneExtend },
    ban: { ...words.ban, done: words.bulk.doneBan },
    unban: { ...words.unban, done: words.bulk.doneUnban },
    delete: { ...words.remove, done: words.bulk.doneDelete },
  }[action]
  return (
    <BulkDialog
      asked={asked}
      opened={opened}
      onClose={onClose}
      words={part}
      found={{ ...words.bulk, will: action === 'delete' ? words.bulk.willDelete : words.bulk.will }}
      most={many}
      typed={words.remove.typed}
      fault={sound ? null : t.common.duration.tooShort}
      // The reason changes nothing of what a dry run finds.
      about={[app, action, JSON.stringify({ ...body, reason: undefined })]}
      count={(signal) => count(app, action, { ...body, reason: undefined }, signal)}
      run={(report, signal) => bulk(app, action, body, signal, report)}
      undo={(rows, changed) => {
        const unused = rows.filter((l) => l.status === 'not_used')
        if (action === 'ban') return () => bulk(app, 'unban', { ids: rows.filter((l) => l.status !== 'banned').map((l) => l.id) })
        if (action === 'extend' && unused.length === changed && changed <= few) return () => setDuration(app, unused)
        return undefined
      }}
      changed={() => licensesChanged(app)}
    >
      {(at) => (
        <>
          {action === 'extend' && <DurationInput label={words.extend.by} value={by} onChange={setBy} lifetime={false} error={at('duration')} />}
          {action === 'ban' && <Reason words={words.ban} value={reason} onChange={setReason} error={at('reason')} />}
          {(action === 'ban' || action === 'delete') && used && (
            <Checkbox
              label={action === 'ban' ? words.ban.userToo : words.remove.userToo}
              checked={userToo}
              onChange={(e) => {
                setUserToo(e.currentTarget.checked)
              }}
            />
          )}
        </>
      )}
    </BulkDialog>
  )
}
