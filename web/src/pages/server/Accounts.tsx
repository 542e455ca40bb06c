import { ActionIcon, Button, Checkbox, Group, Menu, Paper, Skeleton, Table, Text, TextInput, Title, VisuallyHidden } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { IconDots, IconLock, IconLockOpen, IconPlus, IconTrash } from '@tabler/icons-react'
import { useState } from 'react'
import { useAccount } from '@/app/session'
import { emailFault, passwordFault } from '@/rules/text'
import { t } from '@/strings'
import { ActionDialog } from '@/ui/ActionDialog'
import { Failure } from '@/ui/Failure'
import { FormDrawer } from '@/ui/FormDrawer'
import { done, failed } from '@/ui/notify'
import { Once } from '@/ui/Once'
import { Password } from '@/ui/Password'
import { StatusDot } from '@/ui/StatusDot'
import { Time } from '@/ui/Time'
import { useLast } from '@/ui/useLast'
import { type Account, accountsQuery, createAccount, deleteAccount, switchAccount } from './data'

const words = t.server.accounts

/** Who may sign in to the dashboard. */
export function Accounts() {
  const me = useAccount()
  const { data, error, refetch } = useQuery({ ...accountsQuery, enabled: me?.administrator === true })
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
    <section aria-label={words.title}>
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
      {error && !data ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : !data ? (
        <Skeleton height={120} radius="lg" />
      ) : (
        <Paper withBorder>
          <Table.ScrollContainer minWidth={560} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': words.title, role: 'group' } }}>
            <Table aria-label={words.title} verticalSpacing="xs" horizontalSpacing="md">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{words.email}</Table.Th>
                  <Table.Th>{words.role}</Table.Th>
                  <Table.Th>{words.state}</Table.Th>
                  <Table.Th>{words.created}</Table.Th>
                  <Table.Th>
                    <VisuallyHidden>{t.common.actions}</VisuallyHidden>
                  </Table.Th>
                </Table.Tr>
              </Table.Thead>
              <Table.Tbody>
                {data.map((a) => (
                  <Table.Tr key={a.id}>
                    <Table.Td style={{ overflowWrap: 'anywhere' }}>
                      {a.email}{' '}
                      {a.id === me?.id && (
                        <Text span size="sm" c="dimmed">
                          ({words.you})
                        </Text>
                      )}
                    </Table.Td>
                    <Table.Td>{a.administrator ? words.administrator : words.seller}</Table.Td>
                    <Table.Td>
                      <StatusDot tone={a.disabled_at ? 'bad' : 'good'}>{a.disabled_at ? words.disabled : words.open}</StatusDot>
                    </Table.Td>
                    <Table.Td>
                      <Time at={a.created_at} />
                    </Table.Td>
                    <Table.Td align="right">{a.id !== me?.id && <Actions account={a} ask={ask} />}</Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
          </Table.ScrollContainer>
        </Paper>
      )}
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
    </section>
  )
}

interface Asked {
  account: Account
  how: 'disable' | 'remove'
}

function Actions({ account: a, ask }: { account: Account; ask: (asked: Asked) => void }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <ActionIcon variant="subtle" color="gray" aria-label={words.actions(a.email)}>
          <IconDots size={16} />
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown>
        {a.disabled_at ? (
          <Menu.Item
            leftSection={<IconLockOpen size={16} />}
            onClick={() => {
              switchAccount(a.id, 'enable').then(() => {
                done(words.enable.done)
              }, failed)
            }}
          >
            {words.enable.action}
          </Menu.Item>
        ) : (
          <Menu.Item
            leftSection={<IconLock size={16} />}
            onClick={() => {
              ask({ account: a, how: 'disable' })
            }}
          >
            {words.disable.action}
          </Menu.Item>
        )}
        <Menu.Divider />
        <Menu.Item
          color="red"
          leftSection={<IconTrash size={16} />}
          onClick={() => {
            ask({ account: a, how: 'remove' })
          }}
        >
          {words.remove.action}
        </Menu.Item>
      </Menu.Dropdown>
    </Menu>
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
