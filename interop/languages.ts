/** The command that runs a program of each language, by the ending of its file. */
import { join } from 'node:path'

/** Beside httpd's own defaults: what every configuration of a reverse proxy has, so that the page need not show it. */
const APACHE = [
  'ServerRoot .',
  'ServerName localhost',
  'PidFile apache.pid',
  'User www-data',
  'Group www-data',
  'ErrorLog error.log',
  ...['mpm_event', 'authn_core', 'authz_core', 'authz_user', 'headers', 'proxy', 'proxy_http'].map(
    (module) => `LoadModule ${module}_module /usr/lib/apache2/modules/mod_${module}.so`,
  ),
]

/** The command, which is started in the folder of the file `verifier`. */
export const LANGUAGES: Partial<Record<string, string[]>> = {
  '.mjs': [process.execPath, 'verifier.mjs'],
  '.py': ['/usr/bin/python3', 'verifier.py'],
  '.rb': ['/usr/bin/ruby', 'verifier.rb'],
  '.php': ['/usr/bin/php', 'verifier.php'],
  '.pl': ['/usr/bin/perl', 'verifier.pl'],
  '.sh': ['/bin/sh', '-eu', 'verifier.sh'],
  '.go': ['/bin/sh', '-c', 'go build -o verifier verifier.go && exec ./verifier'],
  '.c': ['/bin/sh', '-c', 'cc -o verifier verifier.c $(pkg-config --libs libjwt) && exec ./verifier'],
  '.cfg': ['/usr/sbin/haproxy', '-q', '-db', '-f', 'verifier.cfg'],
  '.conf': ['/usr/sbin/apache2', ...APACHE.flatMap((line) => ['-C', line]), '-f', 'verifier.conf', '-DFOREGROUND'],
}

/** The environment of a program: nothing of ours but what lets it find packages, and trust the authority of this run. */
export function describeEnvironment(authority: string, folder: string): Record<string, string> {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: folder,
    NODE_EXTRA_CA_CERTS: authority,
    SSL_CERT_FILE: authority,
    REQUESTS_CA_BUNDLE: authority,
    CURL_CA_BUNDLE: authority,
    PERL_LWP_SSL_CA_FILE: authority,
    GO111MODULE: 'off',
    GOPATH: '/usr/share/gocode',
    GOCACHE: join(folder, '../acme-user-go-cache'),
  }
}
