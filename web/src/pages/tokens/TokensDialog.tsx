import { useState } from 'react'
import { t } from '@/strings'
import { type Asked, BulkDialog, keyOf, Reason } from '@/ui/BulkDialog'
import type { Shown } from '@/ui/list'
import { useLast } from '@/ui/useLast'
import { atMost } from '@/rules/text'
import { bulk, changed, count, type filterNames, type Many, selection, type Token } from './data'

const words = t.tokens
const many = 100 // more than this are not deleted without a typed word

interface Props {
  app: string
  asked?: Asked<Token, Many>
  state: Shown<(typeof filterNames)[number]>
  onClose: () => void
}

/** Blacklist, take off the blacklist or delete: one token, those that are picked, or all that match. */
export function TokensDialog(props: Props) {
  const asked = useLast(props.asked)
  return asked ? <Dialog {...props} asked={asked} opened={Boolean(props.asked)} key={keyOf(asked)} /> : null
}

function Dialog({ app, asked, state, onClose, opened }: Props & { asked: Asked<Token, Many>; opened: boolean }) {
  const { action, selected } = asked
  const [reason, setReason] = useState('')
  const body = { ...selection(selected, state), ...(action === 'blacklist' ? { reason: reason.trim() || undefined } : {}) }
  return (
    <BulkDialog
      asked={asked}
      opened={opened}
      onClose={onClose}
      words={words.bulk[action]}
      found={{ ...words.bulk, will: action === 'delete' ? words.bulk.willDelete : words.bulk.will }}
      most={many}
      typed={words.bulk.typed}
      fault={action === 'blacklist' ? atMost(500)(reason) : null}
      about={[app, 'tokens', action, JSON.stringify({ ...body, reason: undefined })]}
      count={(signal) => count(app, action, { ...body, reason: undefined }, signal)}
      run={(report, signal) => bulk(app, action, body, signal, report)}
      undo={(rows) => (action === 'blacklist' ? () => bulk(app, 'unblacklist', { ids: rows.filter((k) => k.status !== 'blacklisted').map((k) => k.id) }) : undefined)}
      changed={() => changed(app)}
    >
      {(at) => (
        <>
          {action === 'blacklist' && <Reason words={words.bulk} value={reason} onChange={setReason} error={at('reason')} />}
        </>
      )}
    </BulkDialog>
  )
}
