import { ActionIcon, Button, Card, Group, Menu, Skeleton, Stack, Tabs, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { useNavigate } from '@tanstack/react-router'
import { IconDots } from '@tabler/icons-react'
import { useEffect, useEffectEvent, useState } from 'react'
import type { App, Subscription, User } from '@/api/client'
import { isProblem } from '@/api/problem'
import { appPath } from '@/app/pages'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import { ActionDialog } from '@/ui/ActionDialog'
import { CopyCell } from '@/ui/Copy'
import { Cut } from '@/ui/Cut'
import { DeleteDialog } from '@/ui/DeleteDialog'
import { Facts } from '@/ui/Facts'
import { Failure } from '@/ui/Failure'
import { Drawer } from '@/ui/Layer'
import { done, failed } from '@/ui/notify'
import { StatusDot, type Tone } from '@/ui/StatusDot'
import { ThingLink } from '@/ui/ThingLink'
import { Time } from '@/ui/Time'
import { type Holding, Left, State, UserName } from './columns'
import { type Action, disableTwoFactor, pauseSubscription, sendPasswordReset, signInsQuery, takeSubscription, unbind, userQuery } from './data'
import { EditUser } from './EditUser'
import { GiveSubscription, RedeemLicense } from './GiveDialogs'
import { ResetRequest } from './ResetRequest'
import { AuditEvents, LogLines } from './Traces'
import { Variables } from './Variables'

const words = t.users

interface Props {
  app: App
  id?: string
  subscriptions: Subscription[]
  onClose: () => void
  ask: (action: Action, user: User) => void
}

/** All about one user. */
export function Details({ app, id, subscriptions, onClose, ask }: Props) {
  const [doing, act] = useState<'edit' | 'give' | 'redeem'>()
  const { data, error, refetch } = useQuery(userQuery(app.id, id))
  const u = data?.value
  const gone = Boolean(id) && isProblem(error, 'user.not_found')
  const close = useEffectEvent(onClose)
  useEffect(() => {
    if (gone) close() // deleted, from here or elsewhere
  }, [gone])
  const stop = () => {
    act(undefined)
  }
  return (
    <>
      <Drawer opened={Boolean(id) && doing !== 'edit'} onClose={onClose} title={words.details.title} size="lg">
        {error ? (
          <Failure error={error} retry={() => void refetch()} />
        ) : !u ? (
          <Stack>
            <Skeleton height={20} />
            <Skeleton height={160} />
          </Stack>
        ) : (
          <Stack gap="lg">
            <Group justify="space-between">
              <UserName user={u} />
              <State user={u} />
            </Group>
            <ResetRequest app={app.id} user={u} />
            <Actions app={app} user={u} ask={ask} act={act} />
            <Tabs defaultValue="card" keepMounted={false}>
              <Tabs.List mb="md">
                <Tabs.Tab value="card">{words.details.tabs.card}</Tabs.Tab>
                <Tabs.Tab value="devices">
                  {words.details.tabs.devices} {number(u.devices.length)}
                </Tabs.Tab>
                <Tabs.Tab value="variables">{words.details.tabs.variables}</Tabs.Tab>
                <Tabs.Tab value="history">{words.details.tabs.history}</Tabs.Tab>
                <Tabs.Tab value="logs">{words.details.tabs.logs}</Tabs.Tab>
                <Tabs.Tab value="audit">{words.details.tabs.audit}</Tabs.Tab>
              </Tabs.List>
              <Tabs.Panel value="card">
                <Overview app={app} user={u} />
              </Tabs.Panel>
              <Tabs.Panel value="devices">
                <Devices app={app.id} user={u} />
              </Tabs.Panel>
              <Tabs.Panel value="variables">
                <Variables app={app.id} user={u.id} />
              </Tabs.Panel>
              <Tabs.Panel value="history">
                <History app={app.id} user={u} />
              </Tabs.Panel>
              <Tabs.Panel value="logs">
                <LogLines app={app.id} user={u.id} />
              </Tabs.Panel>
              <Tabs.Panel value="audit">
                <AuditEvents app={app.id} user={u.id} />
              </Tabs.Panel>
            </Tabs>
          </Stack>
        )}
      </Drawer>
      {data && (
        <>
          <EditUser app={app.id} user={data.value} tag={data.tag} opened={Boolean(id) && doing === 'edit'} onClose={stop} />
          <GiveSubscription app={app.id} user={data.value} subscriptions={subscriptions} opened={doing === 'give'} onClose={stop} />
          <RedeemLicense app={app.id} user={data.value} opened={doing === 'redeem'} onClose={stop} />
        </>
      )}
    </>
  )
}

function Actions({ app, user, ask, act }: { app: App; user: User; ask: Props['ask']; act: (what: 'edit' | 'give' | 'redeem') => void }) {
  const navigate = useNavigate()
  const [askedTwoFactor, askTwoFactor] = useState(false)
  const [askedMail, askMail] = useState(false)
  const button = (label: string, run: () => void, red = false) => (
    <Button key={label} variant="default" size="compact-sm" c={red ? 'red' : undefined} onClick={run}>
      {label}
    </Button>
  )
  const bulk = (action: Action) =>
    button(
      words.bulk[action],
      () => {
        ask(action, user)
      },
      action === 'delete',
    )
  return (
    <Group gap="xs">
      {button(t.common.edit, () => {
        act('edit')
      })}
      {button(words.details.sub.add, () => {
        act('give')
      })}
      {button(words.details.sub.redeem, () => {
        act('redeem')
      })}
      {user.subscriptions.length > 0 && bulk('time')}
      {user.devices.length > 0 && bulk('reset')}
      {button(words.details.sessions, () => void navigate({ to: appPath(app.id, 'sessions'), search: { user: user.id } as never }))}
      {user.two_factor &&
        button(words.twoFactor.action, () => {
          askTwoFactor(true)
        })}
      {user.email &&
        user.password_state !== 'none' &&
        !user.banned_at &&
        button(words.passwordReset.action, () => {
          askMail(true)
        })}
      {bulk(user.banned_at ? 'unban' : 'ban')}
      {bulk('delete')}
      <ActionDialog
        opened={askedMail}
        onClose={() => {
          askMail(false)
        }}
        title={words.passwordReset.title}
        text={words.passwordReset.text(user.email ?? '')}
        label={() => words.passwordReset.submit}
        run={async () => {
          await sendPasswordReset(app.id, user.id)
          done(words.passwordReset.done)
        }}
      />
      <ActionDialog
        opened={askedTwoFactor}
        onClose={() => {
          askTwoFactor(false)
        }}
        title={words.twoFactor.title}
        text={words.twoFactor.text}
        danger
        label={() => words.twoFactor.submit}
        run={async () => {
          await disableTwoFactor(app.id, user.id)
          done(words.twoFactor.done)
        }}
      />
    </Group>
  )
}

function Overview({ app, user: u }: { app: App; user: User }) {
  const f = words.field
  return (
    <Stack gap="lg">
      <Holdings app={app.id} user={u} />
      <Facts
        rows={[
          [f.banned, u.banned_at && <Time key="b" at={u.banned_at} />],
          [f.banReason, u.ban_reason],
          [f.email, u.email && <CopyCell key="e" value={u.email} what={`${t.common.copy}: ${f.email}`} />],
          [f.password, words.password[u.password_state]],
          [f.twoFactor, u.two_factor ? t.common.on : t.common.off],
          [f.deviceLimit, !u.hwid_affected ? words.notBound : u.device_limit ? number(u.device_limit) : `${words.appDefault} (${number(app.settings.devices_per_user)})`],
          [f.resetDeclined, u.reset_declined_at && <Time key="rd" at={u.reset_declined_at} />],
          [f.lastSignIn, u.last_sign_in_at && <Time key="l" at={u.last_sign_in_at} />],
          [f.lastIP, u.last_ip && <CopyCell key="ip" value={u.last_ip} what={`${t.common.copy}: ${f.lastIP}`} />],
          [f.created, <Time key="c" at={u.created_at} />],
          [f.license, u.license_id && <ThingLink key="lic" app={app.id} page="licenses" id={u.license_id} />],
          [f.id, <CopyCell key="i" value={u.id} what={`${t.common.copy}: ${f.id}`} />],
        ]}
      />
    </Stack>
  )
}

const tones: Record<Holding['status'], Tone> = { active: 'good', paused: 'warn', expired: 'quiet' }

function Holdings({ app, user }: { app: string; user: User }) {
  const [taking, take] = useState<Holding>()
  const pause = (h: Holding, how: 'pause' | 'resume') => {
    pauseSubscription(app, user.id, h, how).then(() => {
      done(how === 'pause' ? words.paused : words.resumed)
    }, failed)
  }
  if (user.subscriptions.length === 0) return <Text c="dimmed">{words.details.noSubscriptions}</Text>
  return (
    <Stack gap="xs">
      {user.subscriptions.map((h) => (
        <Card key={h.id} withBorder padding="sm" radius="md">
          <Group justify="space-between" wrap="nowrap">
            <div style={{ minWidth: 0 }}>
              <Cut strong most={420}>
                {h.name}
              </Cut>
              <Group gap="sm">
                <StatusDot tone={tones[h.status]}>{h.paused_at ? words.state.paused : <Left holding={h} />}</StatusDot>
                {h.license_key && <CopyCell value={h.license_key} what={t.licenses.details.copyKey} />}
                {h.license_key && h.license_id && (
                  <ThingLink app={app} page="licenses" id={h.license_id}>
                    {words.details.license}
                  </ThingLink>
                )}
              </Group>
            </div>
            <Menu position="bottom-end">
              <Menu.Target>
                <ActionIcon aria-label={`${words.details.sub.more}: ${h.name}`}>
                  <IconDots size={16} />
                </ActionIcon>
              </Menu.Target>
              <Menu.Dropdown>
                <Menu.Item
                  onClick={() => {
                    pause(h, h.paused_at ? 'resume' : 'pause')
                  }}
                >
                  {h.paused_at ? words.details.sub.resume : words.details.sub.pause}
                </Menu.Item>
                <Menu.Item
                  color="red"
                  onClick={() => {
                    take(h)
                  }}
                >
                  {words.details.sub.remove}
                </Menu.Item>
              </Menu.Dropdown>
            </Menu>
          </Group>
        </Card>
      ))}
      <ActionDialog
        opened={Boolean(taking)}
        onClose={() => {
          take(undefined)
        }}
        title={words.take.title(taking?.name ?? '')}
        text={words.take.text}
        danger
        label={() => words.take.submit}
        run={async () => {
          if (!taking) return
          await takeSubscription(app, user.id, taking.subscription_id)
          done(words.take.done)
        }}
      />
    </Stack>
  )
}

function Devices({ app, user }: { app: string; user: User }) {
  const [asked, ask] = useState<{ id: string; name: string }>()
  if (user.devices.length === 0) return <Text c="dimmed">{words.details.noDevices}</Text>
  return (
    <Stack gap="xs">
      {user.devices.map((d) => (
        <Card key={d.id} withBorder padding="sm" radius="md">
          <Group justify="space-between" wrap="nowrap" align="flex-start">
            <div style={{ minWidth: 0 }}>
              <CopyCell value={d.hwid} what={`${t.common.copy}: ${words.field.devices}`} />
              <Text size="sm" c="dimmed">
                {words.details.bound} <Time at={d.bound_at} />
                {d.last_seen_at && (
                  <>
                    {' · '}
                    {words.details.seen} <Time at={d.last_seen_at} />
                  </>
                )}
              </Text>
            </div>
            <Button
              variant="default"
              size="compact-sm"
              onClick={() => {
                ask({ id: d.id, name: d.hwid })
              }}
            >
              {words.unbind.action}
            </Button>
          </Group>
        </Card>
      ))}
      <DeleteDialog of={asked} onClose={() => { ask(undefined) }} words={words.unbind} text={(d) => words.unbind.out(d.name)} run={(d) => unbind(app, user.id, d.id)} />
    </Stack>
  )
}

function History({ app, user }: { app: string; user: User }) {
  const { data, error, refetch } = useQuery(signInsQuery(app, user.id))
  if (error) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Skeleton height={120} />
  if (data.length === 0) return <Text c="dimmed">{words.details.noSignIns}</Text>
  return (
    <Stack gap={6}>
      {data.map((s) => (
        <Group key={s.id} justify="space-between" gap="xs">
          <Text size="sm">
            <Time at={s.at} /> {words.details.method[s.method] ?? s.method}
          </Text>
          <Text size="sm" c="dimmed" ff="monospace">
            {[s.ip, s.protocol].filter(Boolean).join(' · ')}
          </Text>
        </Group>
      ))}
    </Stack>
  )
}
