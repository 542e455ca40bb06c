import { Button, Group, Skeleton, Stack, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { api, type App, type License, type Subscription, takeTagged } from '@/api/client'
import { said } from '@/rules/duration'
import { t } from '@/strings'
import { CopyCell } from '@/ui/Copy'
import { Failure } from '@/ui/Failure'
import { Facts } from '@/ui/Facts'
import { Drawer } from '@/ui/Layer'
import { ThingLink } from '@/ui/ThingLink'
import { Time } from '@/ui/Time'
import { useLast } from '@/ui/useLast'
import { Actor, LevelName, Status } from './columns'
import type { Action } from './data'
import { EditDrawer } from './EditDrawer'

interface Props {
  app: App
  id?: string
  subscriptions: Subscription[]
  onClose: () => void
  ask: (action: Action, license: License) => void
}

/** All about one license. */
export function Details({ app, id, subscriptions, onClose, ask }: Props) {
  // As it was when the form opened: an edit says what it has seen.
  const [editing, edit] = useState<{ value: License; tag: string }>()
  const edited = useLast(editing)
  const { data, error, refetch } = useQuery({
    queryKey: ['app', app.id, 'licenses', 'one', id],
    queryFn: ({ signal }) => takeTagged(api.GET('/apps/{app}/licenses/{license}', { params: { path: { app: app.id, license: id ?? '' } }, signal })),
    enabled: Boolean(id),
  })
  const l = data?.value
  const words = t.licenses
  return (
    <>
      <Drawer opened={Boolean(id) && !editing} onClose={onClose} title={words.details.title}>
        {error ? (
          <Failure error={error} retry={() => void refetch()} />
        ) : !l ? (
          <Stack>
            <Skeleton height={20} />
            <Skeleton height={160} />
          </Stack>
        ) : (
          <Stack gap="lg">
            <div>
              <CopyCell value={l.key} what={words.details.copyKey} />
            </div>
            <Group gap="xs">
              <Button
                variant="default"
                size="compact-sm"
                onClick={() => {
                  edit(data)
                }}
              >
                {t.common.edit}
              </Button>
              {l.status === 'not_used' && <Act action="extend" license={l} ask={ask} />}
              <Act action={l.status === 'banned' ? 'unban' : 'ban'} license={l} ask={ask} />
              <Act action="delete" license={l} ask={ask} />
            </Group>
            <Facts
              rows={[
                [words.field.status, <Status key="s" license={l} />],
                [words.field.subscription, <LevelName key="l" level={l.level} subscriptions={subscriptions} />],
                [words.field.duration, said(l.duration)],
                [words.field.note, l.note && <Text style={{ whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>{l.note}</Text>],
                [words.field.created, <Time key="c" at={l.created_at} />],
                [words.field.createdBy, <Actor key="a" id={l.created_by} />],
                [words.field.used, l.used_at ? <Time key="u" at={l.used_at} /> : words.details.notRedeemed],
                [
                  words.field.usedBy,
                  l.used_by && (
                    <ThingLink key="ub" app={app.id} page="users" id={l.used_by}>
                      {l.used_by_name ?? words.details.user}
                    </ThingLink>
                  ),
                ],
                [words.field.banned, l.banned_at && <Time key="b" at={l.banned_at} />],
                [words.field.banReason, l.ban_reason],
                [words.field.id, <CopyCell key="i" value={l.id} what={`${t.common.copy}: ${words.field.id}`} />],
              ]}
            />
          </Stack>
        )}
      </Drawer>
      {edited && (
        <EditDrawer
          app={app}
          license={edited.value}
          tag={edited.tag}
          subscriptions={subscriptions}
          opened={Boolean(editing)}
          onClose={() => {
            edit(undefined)
          }}
        />
      )}
    </>
  )
}

function Act({ action, license, ask }: { action: Action; license: License; ask: Props['ask'] }) {
  return (
    <Button
      variant="default"
      size="compact-sm"
      c={action === 'delete' ? 'red' : undefined}
      onClick={() => {
        ask(action, license)
      }}
    >
      {t.licenses.bulk[action]}
    </Button>
  )
}
