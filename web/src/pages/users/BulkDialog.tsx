import { Alert, SegmentedControl, Select, Stack, Text, Textarea } from '@mantine/core'
import { useState } from 'react'
import type { Subscription, User } from '@/api/client'
import { fault, type Length, written } from '@/rules/duration'
import { t } from '@/strings'
import { ActionDialog, bulkPreview, type Preview } from '@/ui/ActionDialog'
import { DurationInput } from '@/ui/DurationInput'
import type { Selected } from '@/ui/list'
import { done } from '@/ui/notify'
import { type Action, bulk, count, selection, usersChanged } from './data'

export interface Asked {
  action: Action
  selected: Selected<User>
  clear?: () => void
}

interface Props {
  app: string
  subscriptions: Subscription[]
  asked?: Asked
  onClose: () => void
}

// More than this are not deleted without a typed word.
const many = 20

const words = t.users

/** Change time, ban, unban, reset devices, delete: one user, those that are picked, or all. */
export function BulkDialog(props: Props) {
  // It keeps what it was about while it closes.
  const [last, setLast] = useState<Asked>()
  if (props.asked && props.asked !== last) setLast(props.asked)
  const asked = props.asked ?? last
  return asked ? <Dialog {...props} asked={asked} opened={Boolean(props.asked)} key={keyOf(asked)} /> : null
}

const keyOf = (a: Asked) => a.action + (a.selected.kind === 'rows' ? a.selected.rows.map((u) => u.id).join() : 'all')

function Dialog({ app, subscriptions, asked: { action, selected, clear }, onClose, opened }: Props & { asked: Asked; opened: boolean }) {
  const [by, setBy] = useState<Length>({ amount: 30, unit: 'day' })
  const [way, setWay] = useState<'add' | 'subtract'>('add')
  const [subscription, setSubscription] = useState('')
  const [reason, setReason] = useState('')
  const ids = selected.kind === 'rows' ? selected.rows.length : undefined

  const body = {
    ...selection(selected),
    ...(action === 'time' ? { duration: written(by), subtract: way === 'subtract', subscription_id: subscription || undefined } : {}),
    ...(action === 'ban' ? { reason } : {}),
  }
  // The reason changes nothing of what a dry run finds.
  const key = [app, 'users', action, JSON.stringify({ ...body, reason: undefined })]
  const sound = action !== 'time' || (by.unit !== 'lifetime' && fault(by) === null)
  const part = { time: words.time, ban: words.ban, unban: words.unban, reset: words.reset, delete: words.remove }[action]
  const finished = { time: words.bulk.doneTime, ban: words.bulk.doneBan, unban: words.bulk.doneUnban, reset: words.bulk.doneReset, delete: words.bulk.doneDelete }[action]

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
          const outcome = await count(app, action, body, signal)
          return bulkPreview(outcome, { ...words.bulk, will: action === 'delete' ? words.bulk.willDelete : words.bulk.will })
        },
      }}
      run={async (report, signal) => {
        try {
          const outcome = await bulk(app, action, body, signal, report)
          done(finished(outcome.changed))
          clear?.()
        } finally {
          void usersChanged(app)
        }
      }}
    >
      {action === 'time' && (
        <Stack gap="sm">
          <div>
            <Text size="sm" fw={500} mb={4} id="time-way">
              {words.time.way}
            </Text>
            <SegmentedControl
              aria-labelledby="time-way"
              value={way}
              onChange={(v) => {
                setWay(v as 'add' | 'subtract')
              }}
              data={[
                { value: 'add', label: words.time.add },
                { value: 'subtract', label: words.time.subtract },
              ]}
            />
          </div>
          <DurationInput label={words.time.by} value={by} onChange={setBy} lifetime={false} />
          <Select
            label={words.time.of}
            placeholder={words.time.every}
            value={subscription || null}
            onChange={(v) => {
              setSubscription(v ?? '')
            }}
            data={subscriptions.map((s) => ({ value: s.id, label: s.name }))}
            clearable
          />
        </Stack>
      )}
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
    </ActionDialog>
  )
}

/** Says why all that match cannot be meant here. */
export function OnlyAll() {
  return (
    <Alert color="gray" variant="light" p="xs">
      {words.bulk.onlyAll}
    </Alert>
  )
}
