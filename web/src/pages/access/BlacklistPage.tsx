import { AccessPage } from './AccessPage'

export default function BlacklistPage() {
  return <AccessPage which="blacklists" />
}
