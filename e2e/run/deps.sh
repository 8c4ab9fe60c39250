#!/bin/sh
# Installs what the tests need and this machine lacks: PostgreSQL, Redis,
# Chromium, a C compiler (for the race detector), node, npm and what receivers'
# code is tried with (python, openssl, curl) from Debian, the S3 test server into
# .cache/bin, and the locked npm packages into e2e/js.
# Says nothing and takes no time when all is there. No service is left running.
set -eu
cd "$(dirname "$0")/../.."
versitygw=v1.8.0

mkdir -p .cache/bin
exec </dev/null 9>.cache/deps.lock
flock 9 # two runs at once take turns

have() { command -v "$1" >/dev/null 2>&1; }

packages=""
have redis-server || packages="$packages redis-server"
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || have postgres || packages="$packages postgresql"
# Chromium without a window's surroundings does the same in two thirds of the time.
shell_offered() { have apt-cache && apt-cache show chromium-headless-shell >/dev/null 2>&1; }
if ! have chromium-headless-shell; then
	if shell_offered; then
		packages="$packages chromium-headless-shell fonts-dejavu-core"
	else
		have chromium || have chromium-browser || have google-chrome || have google-chrome-stable ||
			packages="$packages chromium fonts-dejavu-core"
	fi
fi
have gcc || packages="$packages gcc libc6-dev"
have node || packages="$packages nodejs"
have npm || packages="$packages npm"
have python3 || packages="$packages python3"
have openssl || packages="$packages openssl"
have curl || packages="$packages curl"

root=""
if [ "$(id -u)" != 0 ]; then root="sudo -n"; fi

# The packages would start services and make a database cluster of their own:
# both are told not to while we install, and only then.
policy=/usr/sbin/policy-rc.d
cluster=/etc/postgresql-common/createcluster.d
made_policy="" made_cluster=""
restore() {
	if [ -n "$made_policy" ]; then $root rm -f "$policy"; fi
	if [ -n "$made_cluster" ]; then $root rm -f "$cluster/doorito-tests.conf"; fi
}

install_packages() {
	if ! have apt-get; then
		echo "The tests need:$packages. Install them with this system's package manager and run this again." >&2
		return 1
	fi
	if [ -n "$root" ] && ! sudo -n true 2>/dev/null; then
		echo "The tests need packages. Run this once: sudo apt-get install --no-install-recommends$packages" >&2
		return 1
	fi
	trap restore EXIT INT TERM
	if [ ! -e "$policy" ]; then
		made_policy=yes
		printf '#!/bin/sh\nexit 101\n' | $root tee "$policy" >/dev/null
		$root chmod 755 "$policy"
	fi
	made_cluster=yes
	$root mkdir -p "$cluster"
	echo 'create_main_cluster = false' | $root tee "$cluster/doorito-tests.conf" >/dev/null
	log=.cache/apt.log
	# shellcheck disable=SC2086 # $packages is a list
	if ! { $root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 update &&
		if shell_offered; then packages=$(printf '%s' "$packages" | sed 's/ chromium / chromium-headless-shell /'); fi &&
		$root env DEBIAN_FRONTEND=noninteractive apt-get -qq -o DPkg::Lock::Timeout=300 -o Dpkg::Use-Pty=0 \
			install -y --no-install-recommends $packages; } >"$log" 2>&1; then
		tail -n 20 "$log" >&2
		echo "Installing$packages failed; the whole log is in $log." >&2
		return 1
	fi
}

s3=""
if ! have versitygw && [ ! -x .cache/bin/versitygw ] && [ ! -x "$(go env GOPATH)/bin/versitygw" ]; then
	echo "installing the S3 test server (versitygw $versitygw)" >&2
	# Without cgo: the C compiler may be on its way in at this moment.
	CGO_ENABLED=0 GOBIN="$PWD/.cache/bin" go install "github.com/versity/versitygw/cmd/versitygw@$versitygw" 2>.cache/versitygw.log &
	s3=$!
fi

if [ -n "$packages" ]; then
	echo "installing:$packages" >&2
	install_packages
fi

if [ ! e2e/js/node_modules/.package-lock.json -nt e2e/js/package-lock.json ]; then
	echo "installing the npm packages of e2e/js" >&2
	if ! npm ci --prefix e2e/js --ignore-scripts --no-fund --no-audit --no-update-notifier >.cache/npm.log 2>&1; then
		tail -n 20 .cache/npm.log >&2
		exit 1
	fi
	touch e2e/js/node_modules/.package-lock.json
fi

if [ -n "$s3" ] && ! wait "$s3"; then
	cat .cache/versitygw.log >&2
	exit 1
fi
