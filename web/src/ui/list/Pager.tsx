import { ActionIcon, Group, NativeSelect, Text, Tooltip } from '@mantine/core'
import { IconChevronLeft, IconChevronRight, IconChevronsLeft } from '@tabler/icons-react'
import { t } from '@/strings'
import classes from './DataList.module.css'
import { type ListState, pageSizes } from './useListState'

/** Where in the list the page is, and the ways on and back. */
export function Pager({ state, next, count, total }: { state: ListState; next?: string; count: number; total?: number }) {
  // One short page needs no ways on.
  const alone = !next && state.cursor === '' && count <= (pageSizes[0] ?? 0)
  const from = state.page === undefined ? undefined : state.page * state.limit
  return (
    <Group justify="space-between" className={classes.pager} gap="sm">
      <Text size="sm" c="dimmed" data-testid="range" className={classes.range}>
        {count === 0 ? '' : from === undefined ? t.list.rows(count) : t.list.range(from + 1, from + count, total)}
      </Text>
      {!alone && (
      <Group gap={4}>
        <NativeSelect
          size="xs"
          aria-label={t.list.perPage}
          value={String(state.limit)}
          onChange={(e) => {
            state.setLimit(Number(e.currentTarget.value))
          }}
          data={pageSizes.map(String)}
          w={68}
          mr={4}
        />
        <Step label={t.list.first} off={state.cursor === ''} run={state.first} icon={<IconChevronsLeft size={17} />} />
        <Step label={t.list.previous} off={!state.page} run={state.previous} icon={<IconChevronLeft size={17} />} />
        <Step
          label={t.list.next}
          off={!next}
          run={() => {
            if (next) state.next(next)
          }}
          icon={<IconChevronRight size={17} />}
        />
      </Group>
      )}
    </Group>
  )
}

function Step({ label, off, run, icon }: { label: string; off: boolean; run: () => void; icon: React.ReactNode }) {
  return (
    <Tooltip label={label}>
      <ActionIcon variant="default" size="md" aria-label={label} disabled={off} onClick={run}>
        {icon}
      </ActionIcon>
    </Tooltip>
  )
}
