import { SegmentedControl, Select, Stack, Switch, Text, Textarea, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { useState } from 'react'
import type { Schema, Subscription, User } from '@/api/client'
import { fault as faultOfLength, type Length, written } from '@/rules/duration'
import { atMost, bytes } from '@/rules/text'
import { t } from '@/strings'
import { type Asked, BulkDialog, keyOf, Reason } from '@/ui/BulkDialog'
import { DurationInput } from '@/ui/DurationInput'
import { useLast } from '@/ui/useLast'
import { type Action, bulk, count, pathOf, selection, usersChanged } from './data'
import { reversible } from './reversal'

interface Props {
  app: string
  subscriptions: Subscription[]
  asked?: Asked<User, Action>
  /** What the list is narrowed by. */
  narrowed: Schema['UserConditions']
  onClose: () => void
}

// More than this are not deleted without a typed word.
const many = 20

const words = t.users

/** Change time, set a variable, ban, unban, reset devices, delete: one user, those that are picked, or all that match. */
export function UsersDialog(props: Props) {
  const asked = useLast(props.asked)
  return asked ? <Dialog {...props} asked={asked} opened={Boolean(props.asked)} key={keyOf(asked)} /> : null
}

function Dialog({ app, subscriptions, asked, narrowed, onClose, opened }: Props & { asked: Asked<User, Action>; opened: boolean }) {
  const { action, selected } = asked
  const [by, setBy] = useState<Length>({ amount: 30, unit: 'day' })
  const [way, setWay] = useState<'add' | 'subtract'>('add')
  const [subscription, setSubscription] = useState('')
  const [reason, setReason] = useState('')
  const [listed, setListed] = useState({ blacklist_devices: false, blacklist_ip: false })
  const [whom, setWhom] = useState<'everybody' | 'active' | 'expired'>('everybody')
  const [remove, setRemove] = useState(false)
  const [variable, setVariable] = useState({ name: '', value: '', read_only: false })
  const [name] = useDebouncedValue(variable.name.trim(), 300)

  const body = {
    ...selection(selected, narrowed),
    ...(selected.kind === 'all' && whom !== 'everybody' ? { [whom]: true } : {}),
    ...(action === 'time' ? { duration: written(by), subtract: way === 'subtract', subscription_id: subscription || undefined } : {}),
    ...(action === 'ban' ? { reason, ...listed } : {}),
    ...(action === 'variable' ? (remove ? { name: variable.name.trim() } : { ...variable, name: variable.name.trim() }) : {}),
  }
  const path = pathOf(action, remove)
  // The reason and the value change nothing of what a dry run finds.
  const counted = { ...body, ...(action === 'variable' ? { name, ...(remove ? {} : { value: '' }) } : {}) }
  const part = {
    time: { ...words.time, done: words.bulk.doneTime },
    variable: { ...words.variable, done: words.bulk.doneVariable },
    ban: { ...words.ban, done: words.bulk.doneBan },
    unban: { ...words.unban, done: words.bulk.doneUnban },
    reset: { ...words.reset, done: words.bulk.doneReset },
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
      fault={faultOf(action, by, name)}
      about={[app, 'users', path, JSON.stringify({ ...counted, reason: undefined })]}
      count={(signal) => count(app, path, { ...counted, reason: undefined }, signal)}
      run={(report, signal) => bulk(app, path, body, signal, report)}
      undo={(rows) => {
        if (action === 'ban') return () => bulk(app, 'unban', { ids: rows.filter((u) => !u.banned_at).map((u) => u.id) })
        if (action === 'time' && reversible(rows, by, way, subscription)) return () => bulk(app, 'time', { ...body, subtract: way === 'add' })
        return undefined
      }}
      changed={() => usersChanged(app)}
    >
      {(at) => (
        <>
          {selected.kind === 'all' && (
            <Select
              label={words.bulk.whom}
              value={whom}
              onChange={(v) => {
                setWhom((v ?? 'everybody') as typeof whom)
              }}
              data={(['everybody', 'active', 'expired'] as const).map((value) => ({ value, label: words.bulk[value] }))}
              allowDeselect={false}
              error={at('active', 'expired')}
            />
          )}
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
              <DurationInput label={words.time.by} value={by} onChange={setBy} lifetime={false} error={at('duration')} />
              <Select
                label={words.time.of}
                placeholder={words.time.every}
                value={subscription || null}
                onChange={(v) => {
                  setSubscription(v ?? '')
                }}
                data={subscriptions.map((s) => ({ value: s.id, label: s.name }))}
                error={at('subscription_id')}
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
                error={atMost(70)(variable.name) ?? at('name')}
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
                    error={bytes(variable.value) > 4096 ? words.variables.tooLarge : at('value')}
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
            <Stack gap="sm">
              <Reason words={words.ban} value={reason} onChange={setReason} error={at('reason')} />
              <Switch
                label={words.ban.devices}
                description={words.ban.devicesHint}
                checked={listed.blacklist_devices}
                onChange={(e) => {
                  setListed({ ...listed, blacklist_devices: e.currentTarget.checked })
                }}
              />
              <Switch
                label={words.ban.address}
                description={words.ban.addressHint}
                checked={listed.blacklist_ip}
                onChange={(e) => {
                  setListed({ ...listed, blacklist_ip: e.currentTarget.checked })
                }}
              />
            </Stack>
          )}
        </>
      )}
    </BulkDialog>
  )
}

/** Why the server would refuse what was filled in; null if it would not. */
function faultOf(action: Action, by: Length, name: string): string | null {
  if (action === 'time') return by.unit === 'lifetime' ? t.common.duration.tooShort : faultOfLength(by)
  return action === 'variable' && !name ? words.variables.nameNeeded : null
}
