import { Switch } from '@mantine/core'
import type { Subscription } from '@/api/client'
import { useAccount } from '@/app/session'
import { t } from '@/strings'
import { FilterDates, FilterSelect, type ListState, MoreFilters } from '@/ui/list'
import type { filterNames } from './data'

const words = t.licenses

/** What narrows the list beside its search. */
export function Filters({ state, subscriptions }: { state: ListState<(typeof filterNames)[number]>; subscriptions: Subscription[] }) {
  const me = useAccount()
  const { filters, setFilter } = state
  const levels = [...new Set(subscriptions.map((s) => s.level))].sort((a, b) => a - b)
  return (
    <MoreFilters
      state={state}
      beside={['status', 'level']}
      within={['created_by', 'created_after', 'created_before']}
      selects={(width) => (
        <>
          <FilterSelect
            state={state}
            name="status"
            label={words.field.status}
            any={words.anyStatus}
            data={(['not_used', 'used', 'banned'] as const).map((s) => ({ value: s, label: words.status[s] }))}
            w={width(136)}
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
            w={width(150)}
            comboboxProps={{ radius: 'md' }}
          />
        </>
      )}
    >
      <FilterDates state={state} from="created_after" to="created_before" labels={{ from: words.createdAfter, to: words.createdBefore }} />
      <Switch
        label={words.createdByMe}
        checked={filters.created_by !== ''}
        onChange={(e) => {
          setFilter('created_by', e.currentTarget.checked ? (me?.id ?? '') : '')
        }}
      />
    </MoreFilters>
  )
}
