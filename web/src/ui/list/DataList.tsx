import { ActionIcon, Button, Group, Menu, Skeleton, Tooltip, VisuallyHidden } from '@mantine/core'
import { useLocalStorage, useMediaQuery } from '@mantine/hooks'
import type { Icon } from '@tabler/icons-react'
import { IconArrowDown, IconArrowsSort, IconArrowUp, IconColumns3, IconDownload } from '@tabler/icons-react'
import { DataTable, type DataTableColumn } from 'mantine-datatable'
import 'mantine-datatable/styles.css'
import { useEffect, useMemo } from 'react'
import { mayDownload } from '@/api/client'
import { isProblem } from '@/api/problem'
import { t } from '@/strings'
import { Empty } from '../Empty'
import { Failure } from '../Failure'
import { failed } from '../notify'
import { BulkBar } from './BulkBar'
import { Cards } from './Cards'
import type { Column } from './column'
import classes from './DataList.module.css'
import { Pager } from './Pager'
import { Search } from './Search'
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
}

const none: never[] = []

/** A list that the server searches, sorts and pages. */
export function DataList<T>(props: Props<T>) {
  const { id, state, answer, columns, rowId, filters, empty, bulk } = props
  const narrow = useMediaQuery('(max-width: 48em)', false, { getInitialValueInEffect: false })
  const [chosen, choose] = useLocalStorage<string[] | null>({ key: `latchkey.columns.${id}`, defaultValue: null, getInitialValueInEffect: false })
  const rows = answer.data?.rows ?? none
  const selection = useSelection(rows, rowId, JSON.stringify([state.search, state.filters]))
  const shown = columns.filter((c) => c.always || (chosen ? chosen.includes(c.id) : !c.hidden))

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
      {!narrow && <ColumnMenu columns={columns} shown={shown} choose={choose} />}
      {props.exports && <ExportMenu exports={props.exports} />}
    </Group>
  )

  return (
    <section aria-label={props.label} className={classes.root} aria-busy={answer.isPending || answer.isPlaceholderData}>
      {!never && (
        <div className={classes.tools}>
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
      ) : narrow ? (
        <Cards {...props} columns={shown} rows={rows} pending={answer.isPending} selection={bulk ? selection : undefined} />
      ) : (
        <Table {...props} columns={shown} rows={rows} selection={selection} />
      )}
      {!never && !answer.error && <Pager state={state} next={answer.data?.next} count={rows.length} total={state.narrowed ? undefined : answer.data?.total} />}
      {bulk && <BulkBar selection={selection} total={state.narrowed ? undefined : answer.data?.total} more={Boolean(answer.data?.next) || state.cursor !== ''}>{bulk(selection.value, selection.clear)}</BulkBar>}
    </section>
  )
}

type TableProps<T> = Props<T> & { rows: T[]; selection: ReturnType<typeof useSelection<T>> }

// Rows that are only waited for have no fields: their cells are bars.
const waiting = Array.from({ length: 12 }, (_, i) => ({ waiting: i }))

function Table<T>({ state, answer, columns, rows, rowId, selection, onOpen, rowMenu, bulk, label }: TableProps<T>) {
  const pending = answer.isPending
  const tableColumns = useMemo(() => {
    const all: DataTableColumn<T>[] = columns.map((c, i) => ({
      accessor: c.id,
      title: c.sort ? <SortTitle column={c} state={state} /> : c.title,
      width: c.width,
      textAlign: c.align,
      noWrap: true,
      render: pending ? () => <Skeleton height={12} my={4} width={i === 0 ? '80%' : '55%'} /> : c.render,
    }))
    if (rowMenu) {
      all.push({
        accessor: '·',
        title: <VisuallyHidden>{t.common.actions}</VisuallyHidden>,
        width: 44,
        cellsClassName: classes.menuCell,
        render: pending ? () => null : (row) => <RowMenu>{rowMenu(row)}</RowMenu>,
      })
    }
    return all
  }, [columns, pending, rowMenu, state])
  return (
    <DataTable<T>
      className={classes.table}
      classNames={{ header: classes.head }}
      aria-label={label}
      withTableBorder
      borderRadius="lg"
      highlightOnHover={!pending && Boolean(onOpen)}
      verticalSpacing={7}
      horizontalSpacing="sm"
      minHeight={120}
      noRecordsText=""
      columns={tableColumns}
      records={pending ? (waiting as T[]) : rows}
      idAccessor={pending ? (row) => (row as { waiting: number }).waiting : rowId}
      style={answer.isPlaceholderData ? { opacity: 0.6, transition: 'opacity 150ms 200ms' } : undefined}
      onRowClick={
        onOpen && !pending
          ? ({ record, event }) => {
              // Marking text or pressing something in the row opens nothing.
              if (window.getSelection()?.type === 'Range' || (event.target as Element).closest('button, a, input, label')) return
              onOpen(record)
            }
          : undefined
      }
      {...(bulk && !pending
        ? {
            selectedRecords: selection.onPage,
            onSelectedRecordsChange: selection.pick,
            selectionCheckboxProps: { size: 'xs' },
            getRecordSelectionCheckboxProps: () => ({ 'aria-label': t.list.selectRow }),
            allRecordsSelectionCheckboxProps: { size: 'xs', 'aria-label': t.list.selectPage },
            selectionTrigger: 'cell' as const,
          }
        : {})}
    />
  )
}

function SortTitle<T>({ column, state }: { column: Column<T>; state: ListState }) {
  const key = column.sort ?? ''
  const down = state.sort === `-${key}`
  const up = state.sort === key
  return (
    <button
      type="button"
      className={classes.sort}
      data-on={up || down || undefined}
      aria-label={t.list.sortBy(column.title)}
      onClick={() => {
        state.setSort(down ? key : `-${key}`)
      }}
    >
      {column.title}
      {down ? <IconArrowDown size={13} aria-hidden /> : up ? <IconArrowUp size={13} aria-hidden /> : <IconArrowsSort size={13} aria-hidden />}
    </button>
  )
}

/** The … at the end of a row. */
export function RowMenu({ children }: { children: React.ReactNode }) {
  return (
    <Menu position="bottom-end" withinPortal>
      <Menu.Target>
        <ActionIcon
          aria-label={t.list.rowActions}
          onClick={(e) => {
            e.stopPropagation()
          }}
        >
          <span className={classes.dots} aria-hidden>
            ···
          </span>
        </ActionIcon>
      </Menu.Target>
      <Menu.Dropdown
        onClick={(e) => {
          e.stopPropagation()
        }}
      >
        {children}
      </Menu.Dropdown>
    </Menu>
  )
}

function ColumnMenu<T>({ columns, shown, choose }: { columns: Column<T>[]; shown: Column<T>[]; choose: (ids: string[]) => void }) {
  const on = new Set(shown.map((c) => c.id))
  return (
    <Menu closeOnItemClick={false} position="bottom-end">
      <Menu.Target>
        <Tooltip label={t.list.columns}>
          <ActionIcon size="lg" aria-label={t.list.columns}>
            <IconColumns3 size={18} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t.list.columns}</Menu.Label>
        {columns
          .filter((c) => !c.always)
          .map((c) => (
            <Menu.CheckboxItem
              key={c.id}
              checked={on.has(c.id)}
              closeMenuOnClick={false}
              onChange={() => {
                choose(columns.filter((x) => (x.id === c.id ? !on.has(x.id) : on.has(x.id))).map((x) => x.id))
              }}
            >
              {c.title}
            </Menu.CheckboxItem>
          ))}
      </Menu.Dropdown>
    </Menu>
  )
}

/** Begins a download, after the password where the server wants it. */
async function download(href: string) {
  try {
    if (!(await mayDownload())) return
  } catch (e) {
    failed(e)
    return
  }
  const link = document.createElement('a')
  link.href = href
  link.download = ''
  link.click()
}

function ExportMenu({ exports }: { exports: { label: string; href: string }[] }) {
  return (
    <Menu position="bottom-end">
      <Menu.Target>
        <Tooltip label={t.list.export}>
          <ActionIcon size="lg" aria-label={t.list.export}>
            <IconDownload size={18} />
          </ActionIcon>
        </Tooltip>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>{t.list.export}</Menu.Label>
        {exports.map((e) => (
          <Menu.Item
            key={e.label}
            component="a"
            href={e.href}
            download
            onClick={(event: React.MouseEvent) => {
              event.preventDefault()
              void download(e.href)
            }}
          >
            {e.label}
          </Menu.Item>
        ))}
      </Menu.Dropdown>
    </Menu>
  )
}
