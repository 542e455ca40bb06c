import { Alert, Button, Group, Table, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { IconMailExclamation } from '@tabler/icons-react'
import { t } from '@/strings'
import { done, failed } from '@/ui/notify'
import { StatusDot } from '@/ui/StatusDot'
import { Time } from '@/ui/Time'
import { deliveriesQuery, retryDeliveries } from './data'

const words = t.logs.deliveries

/** What could not be delivered; nothing while all could. */
export function Deliveries({ app }: { app: string }) {
  const { data = [] } = useQuery(deliveriesQuery(app))
  if (data.length === 0) return null
  const retry = async (id?: string) => {
    try {
      done(words.retried(await retryDeliveries(app, id)))
    } catch (e) {
      failed(e)
    }
  }
  const failedOnes = data.filter((d) => d.state === 'failed')
  return (
    <Alert variant="light" color={failedOnes.length > 0 ? 'red' : 'gray'} icon={<IconMailExclamation size={18} />} title={words.title} mb="md">
      <Text size="sm">{words.lead}</Text>
      <Table.ScrollContainer minWidth={460} scrollAreaProps={{ viewportProps: { tabIndex: 0, 'aria-label': words.title, role: 'region' } }}>
        <Table withRowBorders={false} verticalSpacing={4} aria-label={words.title}>
          <Table.Tbody>
            {data.slice(0, 5).map((d) => (
              <Table.Tr key={d.id}>
                <Table.Td>{words.kind[d.kind] ?? d.kind}</Table.Td>
                <Table.Td>
                  <StatusDot tone={d.state === 'failed' ? 'bad' : 'quiet'}>{d.state === 'failed' ? words.failed : words.waiting}</StatusDot>
                </Table.Td>
                <Table.Td>{words.attempts(d.attempts)}</Table.Td>
                <Table.Td>{d.error}</Table.Td>
                <Table.Td>
                  <Time at={d.failed_at ?? d.created_at} />
                </Table.Td>
                <Table.Td>
                  {d.state === 'failed' && (
                    <Button size="compact-xs" variant="default" onClick={() => void retry(d.id)}>
                      {words.retry}
                    </Button>
                  )}
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      </Table.ScrollContainer>
      {failedOnes.length > 1 && (
        <Group mt={4}>
          <Button size="compact-sm" variant="default" onClick={() => void retry()}>
            {words.retryAll}
          </Button>
        </Group>
      )}
    </Alert>
  )
}
