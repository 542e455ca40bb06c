import { Button, Checkbox, Group, Paper, Select, Stack, Text, Title } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, type App, callName, type Schema, take } from '@/api/client'
import { queryClient } from '@/app/query'
import { publicUrl } from '@/base'
import { appsChanged } from '@/pages/apps/data'
import { t } from '@/strings'
import { ActionDialog } from '@/ui/ActionDialog'
import { CopyCell } from '@/ui/Copy'
import { Facts } from '@/ui/Facts'
import { Failure } from '@/ui/Failure'
import { done } from '@/ui/notify'
import { Secret } from '@/ui/Secret'
import { Time } from '@/ui/Time'

const words = t.settings.credentials

type Credential = Schema['Credential']
const secretKinds = ['secret', 'seller_key'] as const
const kinds = [...secretKinds, 'client_key', 'compat_key'] as const

/** A public key or, while one takes over from another, both. */
function keysOf(name: string, current: string, next?: Schema['NextKey']): [string, React.ReactNode][] {
  const copy = (value: string, what: string) => <CopyCell value={value} what={`${t.common.copy}: ${what}`} />
  if (!next) return [[name, copy(current, name)]]
  const shown = (what: string, value: string, force: string, at: string): [string, React.ReactNode] => [
    what,
    <div key={what}>
      {copy(value, what)}
      <Text size="xs" c="dimmed">
        {force} <Time at={at} />
      </Text>
    </div>,
  ]
  return [shown(words.newKey(name), next.public_key, words.fresh, next.active_from), shown(words.oldKey(name), current, words.old, next.old_until)]
}

/** What a program needs: ids, public keys, and the secrets behind a button. */
export function Credentials({ app }: { app: App }) {
  const [rotating, rotate] = useState(false)
  const copy = (value: string, what: string) => <CopyCell key={what} value={value} what={`${t.common.copy}: ${what}`} />
  return (
    <Stack gap="lg">
      <Text c="dimmed">{words.lead}</Text>
      <Paper withBorder p="lg">
        <Title order={2} size="h4" mb="sm">
          {words.ids}
        </Title>
        <Facts
          rows={[
            [words.url, copy(publicUrl, words.url)],
            [words.name, copy(app.name, words.name)],
            [words.ownerId, copy(app.owner_id, words.ownerId)],
            [words.appId, copy(app.id, words.appId)],
            ...keysOf(words.clientKey, app.client_public_key, app.next_client_key),
            ...keysOf(words.compatKey, app.compat_public_key, app.next_compat_key),
          ]}
        />
      </Paper>
      <Paper withBorder p="lg">
        <Group justify="space-between" mb="sm">
          <Title order={2} size="h4">
            {words.secrets}
          </Title>
          <Button
            variant="default"
            onClick={() => {
              rotate(true)
            }}
          >
            {words.rotate.action}
          </Button>
        </Group>
        <Secrets app={app.id} />
      </Paper>
      <Rotate
        app={app.id}
        opened={rotating}
        onClose={() => {
          rotate(false)
        }}
      />
    </Stack>
  )
}

const secretsKey = (app: string) => ['app', app, 'credentials']

function Secrets({ app }: { app: string }) {
  const [shown, show] = useState(false)
  const { data, error, refetch, isFetching } = useQuery({
    queryKey: secretsKey(app),
    queryFn: ({ signal }) => take(api.GET('/apps/{app}/credentials', { params: { path: { app } }, signal })),
    enabled: shown,
    gcTime: 0, // secrets stay no longer than the page
    staleTime: Infinity,
  })
  // Generations of a kind beside each other.
  const of = (...kinds: Credential['kind'][]) => kinds.flatMap((kind) => data?.credentials.filter((c) => c.kind === kind) ?? [])
  if (error) return <Failure error={error} retry={() => void refetch()} />
  if (!shown || !data) {
    return (
      <Button
        variant="default"
        loading={isFetching}
        onClick={() => {
          show(true)
        }}
      >
        {words.show}
      </Button>
    )
  }
  return (
    <Stack gap="md">
      {of(...secretKinds).map((c) => (
        <Secret key={c.id} label={words.kind[c.kind] ?? c.kind} description={<Force of={c} />} value={c.value ?? ''} />
      ))}
      {of('client_key', 'compat_key').length > 2 && (
        <div>
          <Text size="sm" fw={500} mb={4}>
            {words.signing}
          </Text>
          <Facts
            rows={of('client_key', 'compat_key').map((c) => [
              words.kind[c.kind] ?? c.kind,
              <div key={c.id}>
                <CopyCell value={c.public_key ?? ''} what={`${t.common.copy}: ${words.kind[c.kind] ?? c.kind}`} />
                <Text size="xs" c="dimmed">
                  <Force of={c} />
                </Text>
              </div>,
            ])}
          />
        </div>
      )}
    </Stack>
  )
}

/** When one of several of a kind is in force; nothing of one that simply is. */
function Force({ of: c }: { of: Credential }) {
  const [now] = useState(Date.now)
  const [word, at] = c.retires_at ? [words.old, c.retires_at] : [words.fresh, c.active_from]
  if (!c.retires_at && Date.parse(c.active_from) <= now) return null
  return (
    <>
      {word} <Time at={at} exact />
    </>
  )
}

function Rotate({ app, opened, onClose }: { app: string; opened: boolean; onClose: () => void }) {
  const [picked, pick] = useState<string[]>([])
  const [overlap, setOverlap] = useState('604800')
  const part = words.rotate
  return (
    <ActionDialog
      opened={opened}
      onClose={onClose}
      title={part.title}
      text={part.text}
      danger
      label={() => part.submit}
      preview={{ key: ['rotate', picked.length], load: () => Promise.resolve({ changes: picked.length, lines: [picked.length === 0 ? part.needed : picked.map((k) => words.kind[k]).join(', ')] }) }}
      run={async () => {
        await take(
          api.POST('/apps/{app}/credentials/rotate', {
            params: { path: { app }, header: { 'Idempotency-Key': callName() } },
            body: { kinds: picked as never, overlap: Number(overlap) },
          }),
        )
        await Promise.all([appsChanged(app), queryClient.invalidateQueries({ queryKey: secretsKey(app) })])
        done(part.done)
        pick([])
      }}
    >
      <Checkbox.Group label={part.which} value={picked} onChange={pick}>
        <Stack gap="xs" mt="xs">
          {kinds.map((k) => (
            <Checkbox key={k} value={k} label={words.kind[k]} />
          ))}
        </Stack>
      </Checkbox.Group>
      <Select
        label={part.overlap}
        description={part.overlapHint}
        value={overlap}
        onChange={(v) => {
          if (v) setOverlap(v)
        }}
        allowDeselect={false}
        data={[
          { value: '0', label: part.none },
          { value: '86400', label: part.day },
          { value: '604800', label: part.week },
          { value: '2592000', label: part.month },
        ]}
      />
    </ActionDialog>
  )
}
