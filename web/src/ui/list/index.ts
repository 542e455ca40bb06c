export type { Column } from './column'
export { DataList, type Rows } from './DataList'
export { type ListState, useListState } from './useListState'
export type { Selected } from './useSelection'
