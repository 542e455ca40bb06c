import { Button, Group, SegmentedControl, SimpleGrid, Skeleton, Text } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Link, useNavigate } from '@tanstack/react-router'
import { IconChartAreaLine } from '@tabler/icons-react'
import { useApp } from '@/app/apps'
import { appPath } from '@/app/pages'
import { useParam } from '@/app/params'
import { statsQuery } from '@/pages/apps/data'
import { t } from '@/strings'
import { number } from '@/strings/plural'
import { BarsOverTime, ChartCard, OverTime, Parts } from '@/ui/charts'
import { Empty } from '@/ui/Empty'
import { Failure } from '@/ui/Failure'
import { Page } from '@/ui/Page'
import { Ranking } from '@/ui/Ranking'
import { Tile } from '@/ui/Tile'
import { countryName, daysQuery, most, ranges, sum } from './data'

const words = t.overview
const shown = 6 // names of a ranking
const alone = { gridColumn: '1 / -1' } // the last of an odd number

export default function OverviewPage() {
  const app = useApp()
  const navigate = useNavigate()
  const asked = useParam('days')
  const range = ranges.find((n) => String(n) === asked) ?? 30
  const stats = useQuery({ ...statsQuery(app.id), staleTime: 0, refetchInterval: 15_000 })
  const answer = useQuery(daysQuery(app.id, range))
  const days = answer.data?.data ?? []
  const today = days.at(-1)
  const { data: s } = stats
  const error = stats.error ?? answer.error
  if (error && (!s || !answer.data)) {
    return (
      <Page title={words.title}>
        <Failure
          error={error}
          retry={() => {
            void stats.refetch()
            void answer.refetch()
          }}
        />
      </Page>
    )
  }
  if (s && answer.data && s.licenses.total === 0 && s.users.total === 0 && sum(days, (d) => d.sign_ins + d.refused) === 0) {
    return (
      <Page title={words.title}>
        <Empty
          icon={IconChartAreaLine}
          title={words.empty.title}
          text={words.empty.text}
          action={
            <Group justify="center" gap="xs">
              <Button component={Link} to={appPath(app.id, 'licenses')} search={{ dialog: 'create' } as never}>
                {words.empty.licenses}
              </Button>
              <Button component={Link} to="/welcome" search={{ app: app.id, step: 'code' } as never} variant="default">
                {words.empty.code}
              </Button>
            </Group>
          }
        />
      </Page>
    )
  }
  const over = (of: Record<string, (d: (typeof days)[number]) => number>) =>
    days.map((d) => ({ at: `${d.day}T12:00:00`, ...Object.fromEntries(Object.entries(of).map(([name, f]) => [name, f(d)])) })) as ({ at: string } & Record<string, number>)[]
  const loading = answer.isPending
  const versions = most(days, (d) => d.versions, shown)
  const countries = most(days, (d) => d.countries, shown)
  const refused = most(days, (d) => d.refused_by, shown)
  return (
    <Page
      title={words.title}
      actions={
        <SegmentedControl
          aria-label={words.range}
          value={String(range)}
          onChange={(v) => void navigate({ to: '.', search: { days: v === '30' ? undefined : v } as never, replace: true })}
          data={ranges.map((n) => ({ value: String(n), label: words.lastDays(n) }))}
        />
      }
    >
      <SimpleGrid cols={{ base: 2, md: 4 }} spacing="sm" mb="sm">
        {s && answer.data ? (
          <>
            <Tile label={words.tile.online} value={number(s.online)} note={words.tile.onlinePeak(Math.max(today?.online_peak ?? 0, s.online))} to={appPath(app.id, 'sessions')} />
            <Tile label={words.tile.signIns} value={number(today?.sign_ins ?? 0)} note={words.tile.yesterday(days.at(-2)?.sign_ins ?? 0)} />
            <Tile label={words.tile.users} value={number(s.users.total)} note={words.tile.usersNote(s.users.banned, s.reset_requests)} to={appPath(app.id, 'users')} />
            <Tile label={words.tile.notUsed} value={number(s.licenses.not_used)} note={words.tile.licenses(s.licenses.total)} to={appPath(app.id, 'licenses')} />
          </>
        ) : (
          [0, 1, 2, 3].map((i) => <Skeleton key={i} height={108} radius="lg" />)
        )}
      </SimpleGrid>
      <SimpleGrid cols={{ base: 1, lg: 2 }} spacing="sm">
        <ChartCard title={words.signIns.title} summary={words.signIns.summary(sum(days, (d) => d.sign_ins), range)} loading={loading}>
          <OverTime rows={over({ signIns: (d) => d.sign_ins })} series={[{ name: 'signIns', label: words.signIns.series, color: 'brass.6' }]} />
        </ChartCard>
        <ChartCard title={words.customers.title} summary={words.customers.summary(sum(days, (d) => d.registrations), sum(days, (d) => d.redemptions))} loading={loading}>
          <BarsOverTime
            rows={over({ users: (d) => d.registrations, redemptions: (d) => d.redemptions })}
            series={[
              { name: 'users', label: words.customers.users, color: 'brass.5' },
              { name: 'redemptions', label: words.customers.redemptions, color: 'blue.5' },
            ]}
          />
        </ChartCard>
        <ChartCard title={words.online.title} summary={words.online.summary(Math.max(s?.online ?? 0, ...days.map((d) => d.online_peak)))} loading={loading}>
          <OverTime rows={over({ online: (d) => (d === today ? Math.max(d.online_peak, s?.online ?? 0) : d.online_peak) })} series={[{ name: 'online', label: words.online.series, color: 'teal.6' }]} />
        </ChartCard>
        <ChartCard title={words.licenses.title} summary={words.licenses.summary(s?.licenses.total ?? 0)} loading={!s} visible>
          {s && (
            <Parts
              parts={[
                { label: t.licenses.status.not_used, value: s.licenses.not_used, color: 'blue.5' },
                { label: t.licenses.status.used, value: s.licenses.used, color: 'teal.6' },
                { label: t.licenses.status.banned, value: s.licenses.banned, color: 'red.6' },
              ]}
            />
          )}
        </ChartCard>
        <ChartCard title={words.versions.title} summary={versions.length ? words.versions.summary(versions.reduce((n, v) => n + v.n, 0)) : words.versions.none} loading={loading} visible>
          <Ranking rows={versions.map((v) => ({ label: v.name || words.versions.other, n: v.n, marked: v.name === app.version }))} />
        </ChartCard>
        <ChartCard
          title={words.countries.title}
          summary={countries.length ? words.countries.summary(countries.reduce((n, c) => n + c.n, 0)) : answer.data?.tells_countries ? words.countries.none : words.countries.untold}
          loading={loading}
          visible
        >
          <Ranking rows={countries.map((c) => ({ label: c.name ? countryName(c.name) : words.countries.other, n: c.n }))} />
        </ChartCard>
        <div style={alone}>
          <ChartCard title={words.refused.title} summary={refused.length ? words.refused.summary(sum(days, (d) => d.refused)) : words.refused.none} loading={loading} visible>
            <Ranking rows={refused.map((r) => ({ label: r.name || words.refused.other, n: r.n, code: r.name !== '' }))} />
          </ChartCard>
        </div>
      </SimpleGrid>
      <Text size="xs" c="dimmed" mt="sm">
        {words.utc}
      </Text>
    </Page>
  )
}
