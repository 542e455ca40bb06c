import { Button, Group, Popover, Stack, TextInput } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconFilter } from '@tabler/icons-react'
import { t } from '@/strings'
import type { ListState } from './useListState'

interface Props<F extends string> {
  state: Pick<ListState<F>, 'filters' | 'setFilter'>
  /** Those that stand beside the search where there is room, and else within: their names, and what draws them at a width. */
  beside: readonly F[]
  selects: (width: (usual: number) => number | string) => React.ReactNode
  /** Those that are always within. */
  within: readonly F[]
  /** What the button says, where it is not all filters that are within. */
  label?: string
  children: React.ReactNode
}

/** The filters of a list: the usual ones in a line, all others behind a button that says how many of them narrow it. */
export function MoreFilters<F extends string>({ state, beside, selects, within, label, children }: Props<F>) {
  const narrow = useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false })
  const line = selects((usual) => (narrow ? '100%' : usual))
  const on = [...within, ...(narrow ? beside : [])].filter((name) => state.filters[name]).length
  return (
    <>
      {!narrow && line}
      <Popover position="bottom-start" withArrow={false} shadow="md" radius="lg" trapFocus>
        <Popover.Target>
          <Button variant="default" fw={400} leftSection={<IconFilter size={15} aria-hidden />}>
            {narrow || !label ? t.list.filters : label}
            {on > 0 && ` · ${on}`}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <Stack w={280}>
            {narrow && line}
            {children}
          </Stack>
        </Popover.Dropdown>
      </Popover>
    </>
  )
}

interface DatesProps<F extends string> {
  state: Pick<ListState<F>, 'filters' | 'setFilter'>
  from: F
  to: F
  labels: { from: string; to: string }
}

/** Narrows a list to days. */
export function FilterDates<F extends string>({ state: { filters, setFilter }, from, to, labels }: DatesProps<F>) {
  return (
    <Group grow>
      <TextInput
        type="date"
        label={labels.from}
        value={filters[from]}
        max={filters[to] || undefined}
        onChange={(e) => {
          setFilter(from, e.currentTarget.value)
        }}
      />
      <TextInput
        type="date"
        label={labels.to}
        value={filters[to]}
        min={filters[from] || undefined}
        onChange={(e) => {
          setFilter(to, e.currentTarget.value)
        }}
      />
    </Group>
  )
}
