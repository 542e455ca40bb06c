import { Button, Group, Popover, Stack, Switch, TextInput } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconFilter } from '@tabler/icons-react'
import type { Subscription } from '@/api/client'
import { useAccount } from '@/app/session'
import { t } from '@/strings'
import { FilterSelect, type ListState } from '@/ui/list'
import type { filterNames } from './data'

const words = t.licenses

/** What narrows the list beside its search. */
export function Filters({ state, subscriptions }: { state: ListState<(typeof filterNames)[number]>; subscriptions: Subscription[] }) {
  const me = useAccount()
  const { filters, setFilter } = state
  const levels = [...new Set(subscriptions.map((s) => s.level))].sort((a, b) => a - b)
  const narrow = useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false })
  const within = [filters.created_by, filters.created_after, filters.created_before, ...(narrow ? [filters.status, filters.level] : [])].filter(Boolean).length
  const selects = (
    <>
      <FilterSelect
        state={state}
        name="status"
        label={words.field.status}
        any={words.anyStatus}
        data={(['not_used', 'used', 'banned'] as const).map((s) => ({ value: s, label: words.status[s] }))}
        w={narrow ? '100%' : 136}
        comboboxProps={{ radius: 'md' }}
      />
      <FilterSelect
        state={state}
        name="level"
        label={words.field.subscription}
        any={words.anyLevel}
        data={levels.map((n) => ({
          value: String(n),
          label: `${n} · ${subscriptions
            .filter((s) => s.level === n)
            .map((s) => s.name)
            .join(', ')}`,
        }))}
        w={narrow ? '100%' : 150}
        comboboxProps={{ radius: 'md' }}
      />
    </>
  )
  return (
    <>
      {!narrow && selects}
      <Popover position="bottom-start" withArrow={false} shadow="md" radius="lg" trapFocus>
        <Popover.Target>
          <Button variant="default" fw={400} leftSection={<IconFilter size={15} aria-hidden />}>
            {t.list.filters}
            {within > 0 && ` · ${within}`}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <Stack w={280}>
            {narrow && selects}
            <Group grow>
              <TextInput
                type="date"
                label={words.createdAfter}
                value={filters.created_after}
                max={filters.created_before || undefined}
                onChange={(e) => {
                  setFilter('created_after', e.currentTarget.value)
                }}
              />
              <TextInput
                type="date"
                label={words.createdBefore}
                value={filters.created_before}
                min={filters.created_after || undefined}
                onChange={(e) => {
                  setFilter('created_before', e.currentTarget.value)
                }}
              />
            </Group>
            <Switch
              label={words.createdByMe}
              checked={filters.created_by !== ''}
              onChange={(e) => {
                setFilter('created_by', e.currentTarget.checked ? (me?.id ?? '') : '')
              }}
            />
          </Stack>
        </Popover.Dropdown>
      </Popover>
    </>
  )
}
