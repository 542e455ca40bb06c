import { Alert, SegmentedControl, Select, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import type { Subscription, User } from '@/api/client'
import { fault as faultOfLength, type Length, written } from '@/rules/duration'
import { t } from '@/strings'
import { ActionDialog, bulkPreview, type Preview } from '@/ui/ActionDialog'
import { DurationInput } from '@/ui/DurationInput'
import type { Selected } from '@/ui/list'
import { done, undoing } from '@/ui/notify'
import { useLast } from '@/ui/useLast'
import { type Action, bulk, count, pathOf, selection, usersChanged } from './data'
import { reversible } from './reversal'

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

/** Change time, set a variable, ban, unban, reset devices, delete: one user, those that are picked, or all. */
export function BulkDialog(props: Props) {
  const asked = useLast(props.asked)
  return asked ? <Dialog {...props} asked={asked} opened={Boolean(props.asked)} key={keyOf(asked)} /> : null
}

const keyOf = (a: Asked) => a.action + (a.selected.kind === 'rows' ? a.selected.rows.map((u) => u.id).join() : 'all')

function Dialog({ app, subscriptions, asked: { action, selected, clear }, onClose, opened }: Props & { asked: Asked; opened: boolean }) {
  const [by, setBy] = useState<Length>({ amount: 30, unit: 'day' })
  const [way, setWay] = useState<'add' | 'subtract'>('add')
  const [subscription, setSubscription] = useState('')
  const [reason, setReason] = useState('')
  const [remove, setRemove] = useState(false)
  const [variable, setVariable] = useState({ name: '', value: '', read_only: false })
  const [name] = useDebouncedValue(variable.name.trim(), 300)
  const ids = selected.kind === 'rows' ? selected.rows.length : undefined

  const body = {
    ...selection(selected),
    ...(action === 'time' ? { duration: written(by), subtract: way === 'subtract', subscription_id: subscription || undefined } : {}),
    ...(action === 'ban' ? { reason } : {}),
    ...(action === 'variable' ? (remove ? { name: variable.name.trim() } : { ...variable, name: variable.name.trim() }) : {}),
  }
  const path = pathOf(action, remove)
  // The reason and the value change nothing of what a dry run finds.
  const counted = { ...body, ...(action === 'variable' ? { name, ...(remove ? {} : { value: '' }) } : {}) }
  const key = [app, 'users', path, JSON.stringify({ ...counted, reason: undefined })]
  const fault = faultOf(action, by, name)
  const part = { time: words.time, variable: words.variable, ban: words.ban, unban: words.unban, reset: words.reset, delete: words.remove }[action]
  const finished = { time: words.bulk.doneTime, variable: words.bulk.doneVariable, ban: words.bulk.doneBan, unban: words.bulk.doneUnban, reset: words.bulk.doneReset, delete: words.bulk.doneDelete }[action]

  /** The way back, where there is one that leads exactly there: of rows, whose states are known. */
  const undo = () => {
    if (selected.kind !== 'rows') return undefined
    const { rows } = selected
    const run = (path: 'unban' | 'time', body: object) => () => bulk(app, path, body, new AbortController().signal, () => undefined)
    if (action === 'ban') return run('unban', { ids: rows.filter((u) => !u.banned_at).map((u) => u.id) })
    if (action === 'time' && reversible(rows, by, way, subscription)) return run('time', { ...body, subtract: way === 'add' })
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
          if (fault) return { changes: 0, lines: [fault] }
          const outcome = await count(app, path, counted, signal)
          return bulkPreview(outcome, { ...words.bulk, will: action === 'delete' ? words.bulk.willDelete : words.bulk.will })
        },
      }}
      run={async (report, signal) => {
        try {
          const outcome = await bulk(app, path, body, signal, report)
          const back = undo()
          done(finished(outcome.changed), back && undoing(() => back().finally(() => usersChanged(app))))
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
      {action === 'variable' && (
        <Stack gap="sm">
          <SegmentedControl
            aria-label={words.variable.way}
            value={remove ? 'remove' : 'set'}
            onChange={(v) => {
              setRemove(v === 'remove')
            }}
            data={[
              { value: 'set', label: words.variable.set },
              { value: 'remove', label: words.variable.remove },
            ]}
          />
          <TextInput
            label={words.variables.name}
            value={variable.name}
            onChange={(e) => {
              setVariable({ ...variable, name: e.currentTarget.value })
            }}
            maxLength={70}
            autoComplete="off"
            spellCheck={false}
            data-autofocus
          />
          {!remove && (
            <>
              <Textarea
                label={words.variables.value}
                description={words.variables.valueHint}
                value={variable.value}
                onChange={(e) => {
                  setVariable({ ...variable, value: e.currentTarget.value })
                }}
                maxLength={4096}
                autosize
                minRows={2}
                maxRows={8}
              />
              <Switch
                label={words.variables.readOnly}
                description={words.variables.readOnlyHint}
                checked={variable.read_only}
                onChange={(e) => {
                  setVariable({ ...variable, read_only: e.currentTarget.checked })
                }}
              />
            </>
          )}
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

/** Why the server would refuse what was filled in; null if it would not. */
function faultOf(action: Action, by: Length, name: string): string | null {
  if (action === 'time') return by.unit === 'lifetime' ? t.common.duration.tooShort : faultOfLength(by)
  return action === 'variable' && !name ? words.variables.nameNeeded : null
}

/** Says why all that match cannot be meant here. */
export function OnlyAll() {
  return (
    <Alert color="gray" variant="light" p="xs">
      {words.bulk.onlyAll}
    </Alert>
  )
}
