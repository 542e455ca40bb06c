import { t } from '@/strings'
import { FilterDates, FilterSelect, type ListState, MoreFilters } from '@/ui/list'
import type { Filter } from './data'

const words = t.audit
const ofServer = ['account', 'api_key', 'setup', 'database', 'audit']

/** The group of an action: license and licenses are one. */
const groupOf = (action: string) => Object.keys(words.groups).find((g) => action.startsWith(g)) ?? ''

/** Every action that a log can be narrowed to, and whole groups of them. */
function choices(server: boolean) {
  const all = Object.entries(words.actions).filter(([name]) => {
    const own = ofServer.some((begin) => name.startsWith(`${begin}.`))
    return server ? own : !own || name.startsWith('audit.')
  })
  const groups = new Map<string, string[]>()
  for (const [name] of all) {
    const group = groupOf(name)
    const pattern = `${name.slice(0, name.indexOf('.'))}.*`
    if (group && !groups.get(group)?.includes(pattern)) groups.set(group, [...(groups.get(group) ?? []), pattern])
  }
  return [
    ...[...groups].map(([group, patterns]) => ({ value: patterns.join(','), label: words.allOf(words.groups[group] ?? group) })),
    ...all.map(([name, [label]]) => ({ value: name, label })),
  ]
}

/** What narrows the log beside its search. */
export function Filters({ state, server }: { state: ListState<Filter>; server: boolean }) {
  const kinds = (['account', 'api_key', 'customer', 'server'] as const).filter((kind) => !server || kind !== 'customer')
  return (
    <MoreFilters
      state={state}
      beside={['who', 'action']}
      within={['from', 'to']}
      label={words.dates}
      selects={(width) => (
        <>
          <FilterSelect
            state={state}
            name="who"
            label={words.field.who}
            any={words.anybody}
            data={kinds.map((kind) => ({ value: kind, label: words.actors[kind] ?? kind }))}
            w={width(136)}
            comboboxProps={{ radius: 'md' }}
          />
          <FilterSelect
            state={state}
            name="action"
            label={words.field.what}
            any={words.anything}
            data={choices(server)}
            searchable
            w={width(220)}
            comboboxProps={{ radius: 'md' }}
          />
        </>
      )}
    >
      <FilterDates state={state} from="from" to="to" labels={words} />
    </MoreFilters>
  )
}
