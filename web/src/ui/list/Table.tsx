import { VisuallyHidden } from '@mantine/core'
import { IconArrowDown, IconArrowsSort, IconArrowUp } from '@tabler/icons-react'
import clsx from 'clsx'
import { DataTable, type DataTableColumn } from 'mantine-datatable'
import 'mantine-datatable/styles.css'
import { memo, useEffect, useMemo, useRef, useState } from 'react'
import { t } from '@/strings'
import { useSteady } from '../useSteady'
import type { Column } from './column'
import classes from './DataList.module.css'
import { Row } from './Row'

interface Props<T> {
  label: string
  columns: Column<T>[]
  /** undefined while they are waited for. */
  rows: T[] | undefined
  /** Those of the whole page, some of which may still be drawn: what its box picks. */
  all: T[]
  rowId: (row: T) => string
  sort: string
  setSort: (sort: string) => void
  onOpen?: (row: T) => void
  rowMenu?: (row: T) => React.ReactNode
  /** Those that are picked; left out: none can be. */
  picked?: T[]
  pick: (rows: T[]) => void
}

// Rows that are only waited for.
const waiting = Array.from({ length: 12 }, (_, i) => ({ waiting: i }))

/** The rows of a list on a wide screen; made anew only if what it is given is new. */
export const Table = memo(function Table<T>({ label, columns, rows, all, rowId, sort, setSort, onOpen, rowMenu, picked, pick }: Props<T>) {
  const heads = useMemo(() => {
    const all: DataTableColumn<T>[] = columns.map((c) => ({
      accessor: c.id,
      title: c.sort ? <SortTitle title={c.title} by={c.sort} rises={c.rises} sort={sort} setSort={setSort} /> : c.title,
      width: c.width,
      textAlign: c.align,
      noWrap: true,
    }))
    if (rowMenu) all.push({ accessor: '·', title: <VisuallyHidden>{t.common.actions}</VisuallyHidden>, width: 44 })
    return all
  }, [columns, rowMenu, sort, setSort])
  const onPick = usePick(rows, rowId, picked, pick)
  const on = useMemo(() => new Set(picked?.map(rowId)), [picked, rowId])
  const selects = picked && rows
  const viewport = useRef<HTMLDivElement>(null)
  const fits = useFits(viewport)
  return (
    <DataTable<T>
      className={clsx(classes.table, fits && classes.fits)}
      scrollViewportRef={viewport}
      classNames={{ header: classes.head }}
      aria-label={label}
      withTableBorder
      borderRadius="lg"
      verticalSpacing={7}
      horizontalSpacing="sm"
      noRecordsText=""
      columns={heads}
      records={rows ?? (waiting as T[])}
      idAccessor={rows ? rowId : (row) => (row as { waiting: number }).waiting}
      rowFactory={({ record }) => <Row row={rows && record} columns={columns} onOpen={onOpen} rowMenu={rowMenu} onPick={selects && onPick} picked={rows ? on.has(rowId(record)) : false} />}
      {...(selects && {
        selectedRecords: picked,
        // Only the box of the page: rows have their own.
        onSelectedRecordsChange: (list) => {
          pick(list.length > 0 ? all : [])
        },
        allRecordsSelectionCheckboxProps: { size: 'xs', 'aria-label': t.list.selectPage },
      })}
    />
  )
}) as <T>(props: Props<T>) => React.ReactNode

/**
 * Whether the columns fit. Then nothing has to scroll sideways, and the page is what
 * scrolls: its head stays in sight only so, since it keeps to the innermost that does.
 */
function useFits(viewport: React.RefObject<HTMLDivElement | null>): boolean {
  const [fits, tell] = useState(true)
  useEffect(() => {
    const box = viewport.current
    const table = box?.querySelector('table')
    if (!box || !table) return
    const observer = new ResizeObserver(() => {
      tell(table.offsetWidth <= box.clientWidth)
    })
    observer.observe(box)
    observer.observe(table)
    return () => {
      observer.disconnect()
    }
  }, [viewport])
  return fits
}

/** Picks a row or lets it go; with range also those since the last one. */
function usePick<T>(rows: T[] | undefined, rowId: (row: T) => string, picked: T[] | undefined, pick: (rows: T[]) => void) {
  const last = useRef(-1)
  return useSteady((row: T, range: boolean) => {
    if (!rows) return
    const on = new Set(picked?.map(rowId))
    const at = rows.findIndex((r) => rowId(r) === rowId(row))
    const add = !on.has(rowId(row))
    const from = range && last.current >= 0 ? last.current : at
    for (const r of rows.slice(Math.min(from, at), Math.max(from, at) + 1)) {
      if (add) on.add(rowId(r))
      else on.delete(rowId(r))
    }
    last.current = at
    pick(rows.filter((r) => on.has(rowId(r))))
  })
}

function SortTitle({ title, by, rises, sort, setSort }: { title: string; by: string; rises?: boolean; sort: string; setSort: (sort: string) => void }) {
  const down = sort === `-${by}`
  const up = sort === by
  const button = useRef<HTMLButtonElement>(null)
  useEffect(() => {
    // The table makes the heading itself, and takes nothing for it.
    button.current?.closest('th')?.setAttribute('aria-sort', down ? 'descending' : up ? 'ascending' : 'none')
  }, [down, up])
  return (
    <button
      ref={button}
      type="button"
      className={classes.sort}
      data-on={up || down || undefined}
      aria-label={t.list.sortBy(title)}
      onClick={() => {
        setSort(down || (rises && !up) ? by : `-${by}`)
      }}
    >
      {title}
      {down ? <IconArrowDown size={13} aria-hidden /> : up ? <IconArrowUp size={13} aria-hidden /> : <IconArrowsSort size={13} aria-hidden />}
    </button>
  )
}
