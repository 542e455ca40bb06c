import { Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconLogin2 } from '@tabler/icons-react'
import { t } from '@/strings'
import { CopyCell } from '@/ui/Copy'
import { type Column, DataList, useListState } from '@/ui/list'
import { StatusDot } from '@/ui/StatusDot'
import { Time } from '@/ui/Time'
import { agent } from './agent'
import { type SignIn, signInsQuery } from './data'

const words = t.account.signIns

/** The account's sign-ins, and what failed to be one. */
export function SignIns() {
  const state = useListState()
  const answer = useQuery(signInsQuery(state.limit, state.cursor))
  return (
    <Stack gap="sm">
      <Text c="dimmed">{words.lead}</Text>
      <DataList<SignIn>
        id="account-sign-ins"
        label={t.account.tabs.signIns}
        state={state}
        answer={answer}
        columns={columns}
        rowId={(s) => s.id}
        empty={{ icon: IconLogin2, title: words.empty.title, text: words.empty.text }}
      />
    </Stack>
  )
}

const columns: Column<SignIn>[] = [
  { id: 'at', title: words.field.at, width: 150, always: true, card: 'title', render: (s) => <Time at={s.at} /> },
  { id: 'result', title: words.field.result, width: 160, card: 'side', render: (s) => <StatusDot tone={s.succeeded ? 'good' : 'bad'}>{s.succeeded ? words.succeeded : words.failed}</StatusDot> },
  { id: 'method', title: words.field.method, width: 170, render: (s) => words.method[s.method] ?? s.method },
  { id: 'ip', title: words.field.ip, width: 170, render: (s) => s.ip && <CopyCell value={s.ip} what={`${t.common.copy}: ${words.field.ip}`} /> },
  { id: 'agent', title: words.field.agent, width: 220, render: (s) => <span title={s.user_agent}>{agent(s.user_agent)}</span> },
]
