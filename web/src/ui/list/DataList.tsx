import { Button, Group } from '@mantine/core'
import { useLocalStorage, useMediaQuery } from '@mantine/hooks'
import type { Icon } from '@tabler/icons-react'
import { useDeferredValue, useEffect, useMemo } from 'react'
import { isProblem } from '@/api/problem'
import { t } from '@/strings'
import { Empty } from '../Empty'
import { Failure } from '../Failure'
import { useSteady } from '../useSteady'
import { BulkBar } from './BulkBar'
import { Cards } from './Cards'
import type { Column } from './column'
import classes from './DataList.module.css'
import { ExportMenu, ViewMenu } from './menus'
import { Pager } from './Pager'
import type { Save } from './saving'
import { Search } from './Search'
import { Table } from './Table'
import type { ListState } from './useListState'
import { type Selected, useSelection } from './useSelection'

/** One page of a list, as the server answered. */
export interface Rows<T> {
  rows: T[]
  next?: string
  /** How many there are in all, where the server says so. */
  total?: number
}

interface Answer<T> {
  data?: Rows<T>
  error: unknown
  isPending: boolean
  isPlaceholderData: boolean
  refetch: () => unknown
}

interface Props<T> {
  /** Names the list in what the browser remembers of it. */
  id: string
  /** Names it to who cannot see it. */
  label: string
  state: ListState
  answer: Answer<T>
  columns: Column<T>[]
  rowId: (row: T) => string
  /** What the list cannot do without its place-holder is left out. */
  searchHint?: string
  filters?: React.ReactNode
  empty: { icon: Icon; title: string; text: string; action?: React.ReactNode }
  onOpen?: (row: T) => void
  /** The menu at the end of a row: Menu.Item elements. */
  rowMenu?: (row: T) => React.ReactNode
  /** Buttons for what is picked; clear is called once it is done. */
  bulk?: (selected: Selected<T>, clear: () => void) => React.ReactNode
  /** Ways to save the whole list: links that the browser downloads. */
  exports?: { label: string; href: string }[]
  /** Where the server has no such links: how the browser makes the file. */
  save?: Save<T>
}

const none: never[] = []
const lowest = 48 // pixels, of a row and its share of what stands above the rows

/** A list that the server searches, sorts and pages. */
export function DataList<T>(props: Props<T>) {
  const { id, state, answer, columns, filters, empty, bulk } = props
  // Pages write their functions out anew whenever they are drawn; the rows need not be for that.
  const rowId = useSteady(props.rowId)
  const onOpen = useSteady(props.onOpen)
  const rowMenu = useSteady(props.rowMenu)
  const setSort = useSteady(state.setSort)
  const narrow = useMediaQuery('(max-width: 47.99em)', false, { getInitialValueInEffect: false })
  // Cards have room for less than a table: what they show is chosen by itself.
  const forTable = useLocalStorage<string[] | null>({ key: `latchkey.columns.${id}`, defaultValue: null, getInitialValueInEffect: false })
  const forCards = useLocalStorage<string[] | null>({ key: `latchkey.cards.${id}`, defaultValue: null, getInitialValueInEffect: false })
  const [chosen, choose] = narrow ? forCards : forTable
  const rows = answer.data?.rows ?? none
  const selection = useSelection(rows, rowId, JSON.stringify([state.search, state.filters]))
  const shown = useMemo(() => columns.filter((c) => c.always || (chosen ? chosen.includes(c.id) : !c.hidden && !(narrow && c.card === 'off'))), [columns, chosen, narrow])
  const { drawn, behind } = useDrawn(answer.isPending ? undefined : rows)

  // A cursor goes stale when the server's key changes: back to the beginning.
  const stale = isProblem(answer.error) && answer.error.errors.some((e) => e.field === 'cursor')
  const { first } = state
  useEffect(() => {
    if (stale) first()
  }, [stale, first])

  const nothing = !answer.isPending && !answer.error && rows.length === 0
  const never = nothing && !state.narrowed && state.cursor === ''
  const actions = (
    <Group gap={4} wrap="nowrap">
      <ViewMenu columns={columns} shown={shown} choose={choose} sorting={narrow ? state : undefined} />
      {(props.exports ?? props.save) && <ExportMenu exports={props.exports} save={props.save} />}
    </Group>
  )

  return (
    <section aria-label={props.label} className={classes.root} aria-busy={answer.isPending || answer.isPlaceholderData || behind}>
      {!never && (
        <div className={classes.tools} data-filters={filters ? true : undefined}>
          {props.searchHint && <Search value={state.search} onChange={state.setSearch} hint={props.searchHint} />}
          {filters}
          {state.narrowed && (
            <Button variant="subtle" color="gray" size="compact-sm" onClick={state.clear}>
              {t.list.clearFilters}
            </Button>
          )}
          <span className={classes.space} />
          {actions}
        </div>
      )}
      {answer.error && !stale ? (
        <div className={classes.frame}>
          <Failure error={answer.error} retry={() => void answer.refetch()} />
        </div>
      ) : never ? (
        <div className={classes.frame}>
          <Empty {...empty} />
        </div>
      ) : nothing ? (
        <div className={classes.frame}>
          <Empty
            icon={empty.icon}
            title={t.list.nothing}
            text={t.list.nothingText}
            action={
              <Button variant="default" onClick={state.clear}>
                {t.list.clearFilters}
              </Button>
            }
          />
        </div>
      ) : (
        <div className={classes.rows} data-old={answer.isPlaceholderData || undefined}>
          {narrow ? (
            <Cards columns={shown} rows={drawn} rowId={rowId} onOpen={onOpen} rowMenu={rowMenu} picked={bulk && selection.onPage} pick={selection.pick} />
          ) : (
            <Table label={props.label} columns={shown} rows={drawn} all={rows} rowId={rowId} sort={state.sort} setSort={setSort} onOpen={onOpen} rowMenu={rowMenu} picked={bulk && selection.onPage} pick={selection.pick} />
          )}
        </div>
      )}
      {!never && !answer.error && <Pager state={state} next={answer.data?.next} count={rows.length} total={state.narrowed ? undefined : answer.data?.total} />}
      {bulk && <BulkBar selection={selection} total={state.narrowed ? undefined : answer.data?.total} more={Boolean(answer.data?.next) || state.cursor !== ''}>{bulk(selection.value, selection.clear)}</BulkBar>}
    </section>
  )
}

/**
 * The rows to draw: at first those that the screen has room for, then all, in
 * pieces between which a key that is pressed gets its turn.
 */
function useDrawn<T>(rows: T[] | undefined) {
  const come = rows !== undefined
  const begun = useDeferredValue(come, false)
  const all = useDeferredValue(rows)
  const drawn = !come || begun ? all : rows.slice(0, Math.ceil(window.innerHeight / lowest))
  return { drawn, behind: drawn !== rows }
}
