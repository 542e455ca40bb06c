import { Button, Group, Paper, PasswordInput, Skeleton, Table, Text, TextInput, Title } from '@mantine/core'
import { useForm } from '@mantine/form'
import { useQuery } from '@tanstack/react-query'
import { IconPlus } from '@tabler/icons-react'
import { useState } from 'react'
import { useAccount } from '@/app/session'
import { t } from '@/strings'
import { Failure } from '@/ui/Failure'
import { FormDrawer } from '@/ui/FormDrawer'
import { done } from '@/ui/notify'
import { Time } from '@/ui/Time'
import { accountsQuery, createAccount } from './data'

const words = t.server.accounts

// Bytes, as the server counts.
const leastPassword = 10

/** Who may sign in to the dashboard. */
export function Accounts() {
  const me = useAccount()
  const { data, error, refetch } = useQuery({ ...accountsQuery, enabled: me?.administrator === true })
  const [opened, open] = useState(false)
  const form = useForm({
    initialValues: { email: '', password: '' },
    validateInputOnBlur: true,
    validate: {
      email: (v) => (v.trim() ? null : words.emailNeeded),
      password: (v) => (new TextEncoder().encode(v).length >= leastPassword ? null : words.passwordNeeded),
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
            <Table aria-label={words.title} verticalSpacing="xs" horizontalSpacing="md">
              <Table.Thead>
                <Table.Tr>
                  <Table.Th>{words.email}</Table.Th>
                  <Table.Th>{words.role}</Table.Th>
                  <Table.Th>{words.created}</Table.Th>
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
                      <Time at={a.created_at} />
                    </Table.Td>
                  </Table.Tr>
                ))}
              </Table.Tbody>
            </Table>
        </Paper>
      )}
      <FormDrawer
        small
        opened={opened}
        onClose={close}
        title={words.create.title}
        form={form}
        label={words.create.submit}
        submit={async ({ email, password }) => {
          await createAccount(email.trim(), password)
          done(words.create.done)
          close()
        }}
      >
        <TextInput label={words.email} type="email" autoComplete="off" data-autofocus {...form.getInputProps('email')} />
        <PasswordInput label={words.password} description={words.passwordHint} autoComplete="new-password" {...form.getInputProps('password')} />
      </FormDrawer>
    </section>
  )
}
