import { Button, Checkbox, Group, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { IconSearch } from '@tabler/icons-react'
import { useMemo, useState } from 'react'
import { t } from '@/strings'
import { type Asked, BulkDialog, keyOf } from '@/ui/BulkDialog'
import { Failure } from '@/ui/Failure'
import { Drawer } from '@/ui/Layer'
import { ExportMenu } from '@/ui/list/menus'
import { useSelection } from '@/ui/list/useSelection'
import { Time } from '@/ui/Time'
import { useLast } from '@/ui/useLast'
import { changed, countMutes, liftMutes, type Mute, muteSelection, mutesKey, readMutes } from './data'

const words = t.chats.mutes

/** What is asked for, of the mutes that a search leaves. */
interface Lifting extends Asked<Mute, 'lift'> {
  search: string
}

/** Who may read but not write. */
export function Mutes({ app, opened, onClose }: { app: string; opened: boolean; onClose: () => void }) {
  const [asked, ask] = useState<Lifting>()
  const last = useLast(asked)
  return (
    <>
      <Drawer opened={opened} onClose={onClose} title={words.title}>
        {opened && <List app={app} ask={ask} />}
      </Drawer>
      {last && <Lift key={keyOf(last)} app={app} asked={last} opened={Boolean(asked)} onClose={() => { ask(undefined) }} />}
    </>
  )
}

function Lift({ app, asked, opened, onClose }: { app: string; asked: Lifting; opened: boolean; onClose: () => void }) {
  const selection = muteSelection(asked.selected, asked.search)
  return (
    <BulkDialog<Mute, 'lift'>
      asked={asked}
      opened={opened}
      onClose={onClose}
      words={words.lifting}
      found={words.lifting}
      most={0}
      typed=""
      about={[app, 'mutes', selection]}
      count={(signal) => countMutes(app, selection, signal)}
      run={(report, signal) => liftMutes(app, selection, signal, report)}
      undo={() => undefined}
      changed={() => changed(app)}
    />
  )
}

const idOf = (m: Mute) => m.id
const nobody: Mute[] = []
const limit = 50

function List({ app, ask }: { app: string; ask: (asked: Lifting) => void }) {
  const [text, setText] = useState('')
  const [search] = useDebouncedValue(text.trim(), 250)
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: mutesKey(app, search),
    queryFn: ({ pageParam, signal }) => readMutes(app, search, { limit, cursor: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  })
  const all = useMemo(() => data?.pages.flatMap((p) => p.rows) ?? nobody, [data])
  const selection = useSelection(all, idOf, search)
  if (error) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Skeleton height={120} />
  if (all.length === 0 && search === '' && text === '') return <Text c="dimmed">{words.none}</Text>
  const { onPage, count, everything } = selection
  const on = new Set(onPage)
  return (
    <Stack gap="sm">
      <Group gap={6} wrap="nowrap">
        <TextInput
          flex={1}
          aria-label={t.list.search}
          placeholder={words.searchHint}
          leftSection={<IconSearch size={15} aria-hidden />}
          value={text}
          onChange={(e) => {
            setText(e.currentTarget.value)
          }}
          spellCheck={false}
          autoComplete="off"
        />
        <ExportMenu<Mute> save={{ name: 'mutes', fields: ['id', 'user_id', 'username', 'until', 'reason', 'created_at', 'created_by'], read: (at, signal) => readMutes(app, search, at, signal) }} />
      </Group>
      {all.length > 0 && (
        <Group justify="space-between" mih={36} gap="xs">
          <Checkbox
            size="xs"
            label={everything ? t.list.allSelected() : t.list.selected(count)}
            aria-label={words.pickAll}
            checked={on.size === all.length}
            indeterminate={on.size > 0 && on.size < all.length}
            onChange={() => {
              selection.pick(on.size === all.length ? [] : all)
            }}
          />
          <Group gap={6}>
            {hasNextPage && count > 0 && !everything && (
              <Button size="compact-sm" variant="subtle" onClick={selection.all}>
                {t.list.selectAll()}
              </Button>
            )}
            {(count > 0 || everything) && (
              <Button size="compact-sm" onClick={() => { ask({ action: 'lift', selected: selection.value, search, clear: selection.clear }) }}>
                {words.lifting.action}
              </Button>
            )}
          </Group>
        </Group>
      )}
      {all.length === 0 && <Text c="dimmed">{t.list.nothing}</Text>}
      {all.map((m) => (
        <Group key={m.id} wrap="nowrap" gap="sm">
          <Checkbox
            size="xs"
            aria-label={t.list.selectRow(m.username)}
            checked={on.has(m)}
            onChange={() => {
              selection.pick(on.has(m) ? onPage.filter((x) => x !== m) : [...onPage, m])
            }}
          />
          <div style={{ minWidth: 0, flex: 1 }}>
            <Text fw={600} truncate>
              {m.username}
            </Text>
            <Text size="sm" c="dimmed">
              {words.until} <Time at={m.until} /> {m.reason && `· ${m.reason}`}
            </Text>
          </div>
          <Button variant="default" size="compact-sm" aria-label={words.liftOf(m.username)} onClick={() => { ask({ action: 'lift', selected: { kind: 'rows', rows: [m] }, search: '' }) }}>
            {words.lift}
          </Button>
        </Group>
      ))}
      {hasNextPage && (
        <Button variant="default" loading={isFetchingNextPage} onClick={() => void fetchNextPage()}>
          {words.more}
        </Button>
      )}
    </Stack>
  )
}
