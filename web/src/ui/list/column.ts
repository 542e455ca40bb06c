export interface Column<T> {
  id: string
  title: string
  render: (row: T) => React.ReactNode
  /** What the row is called by who cannot see it, if its cell is no text; of the column that is a card's title. */
  name?: (row: T) => string
  /** Pixels; the table scrolls sideways where the columns need more than there is. */
  width?: number
  align?: 'right'
  /** The name by which the API sorts: name and -name. */
  sort?: string
  /** Sorted upwards by the first press. */
  rises?: boolean
  /** Not shown until it is chosen. */
  hidden?: boolean
  /** Cannot be switched off. */
  always?: boolean
  /** Its place on a narrow screen, where rows are cards; a line if left out; off: none until it is chosen. */
  card?: 'title' | 'side' | 'line' | 'off'
}
