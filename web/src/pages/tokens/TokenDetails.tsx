import { Button, Group, Skeleton, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link } from '@tanstack/react-router'
import { appPath } from '@/app/pages'
import { t } from '@/strings'
import { CopyCell } from '@/ui/Copy'
import { Facts } from '@/ui/Facts'
import { Failure } from '@/ui/Failure'
import { Drawer } from '@/ui/Layer'
import { StatusDot } from '@/ui/StatusDot'
import { Time } from '@/ui/Time'
import { type Action, actionsOf, type Token, tokenQuery, tones } from './data'

const words = t.tokens

/** All about one token. */
export function TokenDetails({ app, id, onClose, ask }: { app: string; id?: string; onClose: () => void; ask: (action: Action, token: Token) => void }) {
  const { data: k, error, refetch } = useQuery(tokenQuery(app, id))
  return (
    <Drawer opened={Boolean(id)} onClose={onClose} title={words.details}>
      {error ? (
        <Failure error={error} retry={() => void refetch()} />
      ) : !k ? (
        <Skeleton height={200} />
      ) : (
        <Stack gap="lg">
          <CopyCell value={k.token} what={`${t.common.copy}: ${words.field.token}`} />
          <Group gap="xs">
            {actionsOf(k).map((action) => (
              <Button key={action} variant="default" size="compact-sm" c={action === 'delete' ? 'red' : undefined} onClick={() => { ask(action, k) }}>
                {words.action[action]}
              </Button>
            ))}
          </Group>
          <Facts
            rows={[
              [words.field.status, <StatusDot key="s" tone={tones[k.status]}>{words.status[k.status]}</StatusDot>],
              [words.field.of, <Holder key="o" app={app} token={k} />],
              [words.field.used, k.used_at && <Time key="u" at={k.used_at} />],
              [words.field.blacklisted, k.blacklisted_at && <Time key="b" at={k.blacklisted_at} />],
              [words.field.reason, k.reason],
              [words.field.created, <Time key="c" at={k.created_at} />],
              [words.field.id, <CopyCell key="i" value={k.id} what={`${t.common.copy}: ${words.field.id}`} />],
            ]}
          />
        </Stack>
      )}
    </Drawer>
  )
}

function Holder({ app, token: k }: { app: string; token: Token }) {
  if (k.user_id) {
    return (
      <Link to={appPath(app, 'users')} search={{ open: k.user_id } as never} className="mantine-Anchor-root">
        {k.username}
      </Link>
    )
  }
  if (!k.license_key) return words.ofLicense
  return (
    <Link to={appPath(app, 'licenses')} search={{ open: k.license_id } as never} className="mantine-Anchor-root" style={{ overflowWrap: 'anywhere' }}>
      {`${words.ofLicense} ${k.license_key}`}
    </Link>
  )
}
