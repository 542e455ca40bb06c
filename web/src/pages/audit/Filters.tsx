import { Button, Popover, Stack, TextInput } from '@mantine/core'
import { useMediaQuery } from '@mantine/hooks'
import { IconFilter } from '@tabler/icons-react'
import { t } from '@/strings'
import { FilterSelect, type ListState } from '@/ui/list'
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
  const { filters, setFilter } = state
  const narrow = useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false })
  const within = [filters.from, filters.to, ...(narrow ? [filters.who, filters.action] : [])].filter(Boolean).length
  const kinds = (['account', 'api_key', 'customer', 'server'] as const).filter((kind) => !server || kind !== 'customer')
  const selects = (
    <>
      <FilterSelect
        state={state}
        name="who"
        label={words.field.who}
        any={words.anybody}
        data={kinds.map((kind) => ({ value: kind, label: words.actors[kind] ?? kind }))}
        w={narrow ? '100%' : 136}
        comboboxProps={{ radius: 'md' }}
      />
      <FilterSelect
        state={state}
        name="action"
        label={words.field.what}
        any={words.anything}
        data={choices(server)}
        searchable
        w={narrow ? '100%' : 220}
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
            {narrow ? t.list.filters : words.dates}
            {within > 0 && ` · ${within}`}
          </Button>
        </Popover.Target>
        <Popover.Dropdown>
          <Stack w={280}>
            {narrow && selects}
            {(['from', 'to'] as const).map((end) => (
              <TextInput
                key={end}
                type="date"
                label={words[end]}
                value={filters[end]}
                onChange={(e) => {
                  setFilter(end, e.currentTarget.value)
                }}
              />
            ))}
          </Stack>
        </Popover.Dropdown>
      </Popover>
    </>
  )
}
