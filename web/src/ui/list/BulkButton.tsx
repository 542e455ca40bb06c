import { Button } from '@mantine/core'

/** What can be done with all rows that are picked. */
export function BulkButton({ red, onClick, children }: { red?: boolean; onClick: () => void; children: React.ReactNode }) {
  return (
    <Button size="compact-sm" variant="default" c={red ? 'red' : undefined} onClick={onClick}>
      {children}
    </Button>
  )
}
