export type { Column } from './column'
export { DataList, type Rows } from './DataList'
export { type Config, type ListState, type Params, type Shown, shownBy, useListState } from './useListState'
export type { Selected } from './useSelection'
