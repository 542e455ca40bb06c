import { Select, type SelectProps } from '@mantine/core'
import type { ListState } from './useListState'

interface Props<F extends string> extends Pick<SelectProps, 'w' | 'searchable' | 'comboboxProps'> {
  state: Pick<ListState<F>, 'filters' | 'setFilter'>
  name: F
  label: string
  /** What it says while it narrows nothing. */
  any: string
  data: { value: string; label: string }[]
}

/** Narrows a list to one value of a filter. */
export function FilterSelect<F extends string>({ state, name, label, any, ...rest }: Props<F>) {
  return (
    <Select
      aria-label={label}
      placeholder={any}
      value={state.filters[name] || null}
      onChange={(v) => {
        state.setFilter(name, v ?? '')
      }}
      clearable
      {...rest}
    />
  )
}
