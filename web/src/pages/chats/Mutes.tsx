import { Button, Checkbox, Group, Skeleton, Stack, Text, TextInput } from '@mantine/core'
import { useDebouncedValue } from '@mantine/hooks'
import { keepPreviousData, useInfiniteQuery } from '@tanstack/react-query'
import { IconSearch } from '@tabler/icons-react'
import { useState } from 'react'
import { t } from '@/strings'
import type { Asked } from '@/ui/BulkDialog'
import { EachDialog } from '@/ui/EachDialog'
import { Failure } from '@/ui/Failure'
import { Drawer } from '@/ui/Layer'
import { ExportMenu } from '@/ui/list/menus'
import { Time } from '@/ui/Time'
import { changed, type Mute, mutesKey, readMutes, unmute } from './data'

const words = t.chats.mutes

/** Who may read but not write. */
export function Mutes({ app, opened, onClose }: { app: string; opened: boolean; onClose: () => void }) {
  const [asked, ask] = useState<Asked<Mute, 'lift'>>()
  return (
    <>
      <Drawer opened={opened} onClose={onClose} title={words.title}>
        {opened && <List app={app} ask={ask} />}
      </Drawer>
      <EachDialog<Mute, 'lift'>
        asked={asked}
        onClose={() => { ask(undefined) }}
        words={() => words.lifting}
        read={(at, signal) => readMutes(app, '', at, signal)}
        text={() => words.lifting.text}
        run={(_, m) => unmute(app, m.id)}
        changed={() => changed(app)}
      />
    </>
  )
}

const limit = 50

function List({ app, ask }: { app: string; ask: (asked: Asked<Mute, 'lift'>) => void }) {
  const [text, setText] = useState('')
  const [search] = useDebouncedValue(text.trim(), 250)
  const [picked, pick] = useState<ReadonlySet<string>>(new Set())
  const { data, error, refetch, hasNextPage, fetchNextPage, isFetchingNextPage } = useInfiniteQuery({
    queryKey: mutesKey(app, search),
    queryFn: ({ pageParam, signal }) => readMutes(app, search, { limit, cursor: pageParam }, signal),
    initialPageParam: '',
    getNextPageParam: (last) => last.next,
    placeholderData: keepPreviousData,
  })
  if (error) return <Failure error={error} retry={() => void refetch()} />
  if (!data) return <Skeleton height={120} />
  const all = data.pages.flatMap((p) => p.rows)
  if (all.length === 0 && search === '' && text === '') return <Text c="dimmed">{words.none}</Text>
  const on = all.filter((m) => picked.has(m.id))
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
        <Group justify="space-between" mih={36}>
          <Checkbox
            size="xs"
            label={t.list.selected(on.length)}
            aria-label={words.pickAll}
            checked={on.length === all.length}
            indeterminate={on.length > 0 && on.length < all.length}
            onChange={() => {
              pick(new Set(on.length === all.length ? [] : all.map((m) => m.id)))
            }}
          />
          {on.length > 0 && (
            <Button size="compact-sm" onClick={() => { ask({ action: 'lift', selected: { kind: 'rows', rows: on }, clear: () => { pick(new Set()) } }) }}>
              {words.lifting.action}
            </Button>
          )}
        </Group>
      )}
      {all.length === 0 && <Text c="dimmed">{t.list.nothing}</Text>}
      {all.map((m) => (
        <Group key={m.id} wrap="nowrap" gap="sm">
          <Checkbox
            size="xs"
            aria-label={t.list.selectRow(m.username)}
            checked={picked.has(m.id)}
            onChange={() => {
              const next = new Set(picked)
              if (!next.delete(m.id)) next.add(m.id)
              pick(next)
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
          <Button variant="default" size="compact-sm" aria-label={words.liftOf(m.username)} onClick={() => { ask({ action: 'lift', selected: { kind: 'rows', rows: [m] } }) }}>
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
