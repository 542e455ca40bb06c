import { Skeleton, Stack } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { Outlet } from '@tanstack/react-router'
import { useEffect } from 'react'
import { isProblem } from '@/api/problem'
import { Failure } from '@/ui/Failure'
import { Of } from '@/ui/Page'
import { appQuery, rememberApp, useAppId } from './apps'
import { NotFound } from './Crash'
import { useLive } from './live'
import { useSessionId } from './session'

/** Gives the pages of an application the application. */
export function AppFrame() {
  const id = useAppId()
  const { data, error, refetch } = useQuery(appQuery(id))
  const found = data?.id
  const session = useSessionId()
  useEffect(() => {
    if (found) rememberApp(found)
  }, [found])
  useLive(found, session)
  if (isProblem(error, 'app.not_found')) return <NotFound />
  if (error && !data) return <Failure error={error} retry={() => void refetch()} />
  if (!data) {
    return (
      <Stack p={32} gap="md" aria-busy>
        <Skeleton height={28} width={180} />
        <Skeleton height={320} radius="lg" />
      </Stack>
    )
  }
  return (
    <Of value={data.name}>
      <Outlet key={id} />
    </Of>
  )
}
