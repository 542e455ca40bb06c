import type { Subscription } from '@/api/client'
import { t } from '@/strings'
import { FilterDates, FilterSelect, type ListState, MoreFilters } from '@/ui/list'
import type { Filter } from './order'

const words = t.users

/** What narrows the list beside its search. */
export function Filters({ state, subscriptions, resets }: { state: ListState<Filter>; subscriptions: Subscription[]; resets: boolean }) {
  return (
    <MoreFilters
      state={state}
      beside={['time', 'subscription']}
      within={['banned', 'reset', 'expires_after', 'expires_before']}
      selects={(width) => (
        <>
          <FilterSelect
            state={state}
            name="time"
            label={words.time.left}
            any={words.time.any}
            data={(['left', 'over', 'none'] as const).map((value) => ({ value, label: words.time.is[value] }))}
            w={width(170)}
            comboboxProps={{ radius: 'md' }}
          />
          <FilterSelect
            state={state}
            name="subscription"
            label={words.field.subscriptions}
            any={words.anySubscription}
            data={subscriptions.map((s) => ({ value: s.id, label: s.name }))}
            searchable={subscriptions.length > 8}
            w={width(170)}
            comboboxProps={{ radius: 'md' }}
          />
        </>
      )}
    >
      <FilterSelect
        state={state}
        name="banned"
        label={words.field.state}
        any={words.anyState}
        data={[
          { value: 'true', label: words.bannedOnly },
          { value: 'false', label: words.notBanned },
        ]}
        comboboxProps={{ radius: 'md', withinPortal: false }}
      />
      {(resets || state.filters.reset) && (
        <FilterSelect
          state={state}
          name="reset"
          label={words.resetRequest.filter}
          any={words.resetRequest.any}
          data={[
            { value: 'true', label: words.resetRequest.asked },
            { value: 'false', label: words.resetRequest.notAsked },
          ]}
          comboboxProps={{ radius: 'md', withinPortal: false }}
        />
      )}
      <FilterDates state={state} from="expires_after" to="expires_before" labels={{ from: words.time.from, to: words.time.until }} />
    </MoreFilters>
  )
}
