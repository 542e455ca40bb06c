import { Button, Checkbox, Group, Text, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { IconLock, IconLockOpen, IconPlus, IconUser, IconUsers } from '@tabler/icons-react'
import { useState } from 'react'
import { useAccount } from '@/app/session'
import { emailFault, passwordFault } from '@/rules/text'
import { t } from '@/strings'
import { ActionDialog } from '@/ui/ActionDialog'
import { CopyCell } from '@/ui/Copy'
import { Cut } from '@/ui/Cut'
import { FormDrawer } from '@/ui/FormDrawer'
import { type Column, DataList, DeleteItem, RowItem, useListState } from '@/ui/list'
import { done, failed } from '@/ui/notify'
import { Once } from '@/ui/Once'
import { Password } from '@/ui/Password'
import { StatusDot } from '@/ui/StatusDot'
import { Time } from '@/ui/Time'
import { useLast } from '@/ui/useLast'
import { type Account, accountsQuery, createAccount, deleteAccount, readAccounts, switchAccount } from './data'

const words = t.server.accounts

/** Who may sign in to the dashboard. */
export function Accounts() {
  const me = useAccount()
  const navigate = useNavigate()
  const state = useListState()
  const answer = useQuery({ ...accountsQuery(state), enabled: me?.administrator === true })
  const [opened, open] = useState(false)
  const [asked, ask] = useState<Asked>()
  const form = useForm({
    initialValues: { email: '', password: '', administrator: false },
    validateInputOnChange: true,
    validate: {
      email: (v) => (v.trim() ? emailFault(v) : words.emailNeeded),
      password: passwordFault,
    },
  })
  const close = () => {
    form.reset()
    open(false)
  }
  return (
    <div>
      <Group justify="space-between" mb="sm" align="flex-start">
        <div>
          <Title order={2} size="h3">
            {words.title}
          </Title>
          <Text c="dimmed" size="sm" maw={560}>
            {words.lead}
          </Text>
        </div>
        <Button
          leftSection={<IconPlus size={16} />}
          onClick={() => {
            open(true)
          }}
        >
          {words.create.action}
        </Button>
      </Group>
      <DataList<Account>
        id="accounts"
        label={words.title}
        state={state}
        answer={answer}
        columns={columns}
        rowId={(a) => a.id}
        empty={{ icon: IconUsers, title: words.empty.title, text: words.empty.text }}
        save={{ name: 'accounts', fields: ['id', 'email', 'administrator', 'owner_id', 'disabled_at', 'created_at'], read: (at, signal) => readAccounts({ ...state, ...at }, signal) }}
        rowMenu={(a) =>
          a.id === me?.id ? (
            <RowItem icon={IconUser} onClick={() => void navigate({ to: '/account' })}>
              {t.pages.account}
            </RowItem>
          ) : (
            <Actions account={a} ask={ask} />
          )
        }
      />
      <Once when={opened}>
        <FormDrawer
          small
          opened={opened}
          onClose={close}
          title={words.create.title}
          form={form}
          label={words.create.submit}
          submit={async ({ email, password, administrator }) => {
            await createAccount(email.trim(), password, administrator)
            done(words.create.done)
            close()
          }}
        >
          <TextInput label={words.email} type="email" autoComplete="off" data-autofocus {...form.getInputProps('email')} />
          <Password label={words.password} description={words.passwordHint} autoComplete="new-password" {...form.getInputProps('password')} />
          <Checkbox label={words.isAdministrator} description={words.isAdministratorHint} {...form.getInputProps('administrator', { type: 'checkbox' })} />
        </FormDrawer>
      </Once>
      <Question
        asked={asked}
        onClose={() => {
          ask(undefined)
        }}
      />
    </div>
  )
}

interface Asked {
  account: Account
  how: 'disable' | 'remove'
}

function Actions({ account: a, ask }: { account: Account; ask: (asked: Asked) => void }) {
  return (
    <>
      {a.disabled_at ? (
        <RowItem
          icon={IconLockOpen}
          onClick={() => {
            switchAccount(a.id, 'enable').then(() => {
              done(words.enable.done)
            }, failed)
          }}
        >
          {words.enable.action}
        </RowItem>
      ) : (
        <RowItem icon={IconLock} onClick={() => { ask({ account: a, how: 'disable' }) }}>
          {words.disable.action}
        </RowItem>
      )}
      <DeleteItem onClick={() => { ask({ account: a, how: 'remove' }) }}>{words.remove.action}</DeleteItem>
    </>
  )
}

const columns: Column<Account>[] = [
  { id: 'email', title: words.email, width: 320, always: true, card: 'title', name: (a) => a.email, render: (a) => <Email account={a} /> },
  { id: 'role', title: words.role, width: 160, render: (a) => (a.administrator ? words.administrator : words.seller) },
  { id: 'state', title: words.state, width: 140, card: 'side', render: (a) => <StatusDot tone={a.disabled_at ? 'bad' : 'good'}>{a.disabled_at ? words.disabled : words.open}</StatusDot> },
  { id: 'created', title: words.created, width: 150, render: (a) => <Time at={a.created_at} /> },
  { id: 'id', title: words.id, width: 280, hidden: true, render: (a) => <CopyCell value={a.id} what={`${t.common.copy}: ${words.id}`} /> },
]

function Email({ account: a }: { account: Account }) {
  const me = useAccount()
  return (
    <>
      <Cut most={300}>{a.email}</Cut>
      {a.id === me?.id && (
        <Text span size="sm" c="dimmed">
          {' '}
          ({words.you})
        </Text>
      )}
    </>
  )
}

/** Says what disabling or deleting an account means, and does it. */
function Question({ asked, onClose }: { asked?: Asked; onClose: () => void }) {
  const shown = useLast(asked)
  if (!shown) return null
  const { account, how } = shown
  const part = words[how]
  return (
    <ActionDialog
      opened={Boolean(asked)}
      onClose={onClose}
      title={part.title(account.email)}
      text={part.text}
      danger
      typed={how === 'remove' ? account.email : undefined}
      label={() => part.submit}
      run={async () => {
        if (how === 'remove') {
          await deleteAccount(account.id)
          done(part.done)
          return
        }
        await switchAccount(account.id, 'disable')
        done(part.done, {
          label: words.undo,
          run: () => {
            switchAccount(account.id, 'enable').catch(failed)
          },
        })
      }}
    />
  )
}
