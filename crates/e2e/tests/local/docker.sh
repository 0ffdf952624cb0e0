#!/bin/sh
# Stands in for Docker: writes down how it is called, and answers from the files in $STAND_IN, in the
# forms in which real engines and versions of Compose answer. `up` starts embedded stacks in place of
# the services, as far as the test wants them.
case "$*" in
"compose version --short") ;;
# It must not read .env.
"compose --env-file /dev/null "*) shift 3; set -- compose "$@" ;;
compose*) echo "unknown call: $*" >&2; exit 125 ;;
esac
printf '%s\n' "$*" >> "$STAND_IN/calls"

# What the test wants to happen at this call.
answer() {
    [ ! -e "$STAND_IN/$1" ] || . "$STAND_IN/$1"
}

# The health of a service's container: it answers where its process runs and its port is open.
health() {
    if grep -qs '^State:.[RSD]' "/proc/$(cat "$STAND_IN/pid-$1" 2>/dev/null)/status" &&
        grep -qi ":$(printf %04X "$(cat "$STAND_IN/port-$1")") [0-9A-F]*:0000 0A" /proc/net/tcp /proc/net/tcp6
    then
        touch "$STAND_IN/was-healthy-$1"
        echo healthy
    elif [ -e "$STAND_IN/was-healthy-$1" ]; then
        echo unhealthy
    else
        echo starting
    fi
}

containers() {
    [ ! -e "$STAND_IN/containers" ] || sed \
        -e "s/@userfacing-api/$(health userfacing-api)/" \
        -e "s/@workerfacing-api/$(health workerfacing-api)/" \
        -e "s/@frontend/$(health frontend)/" "$STAND_IN/containers"
}

case "$*" in
"compose version --short")
    [ -e "$STAND_IN/version" ] || { echo "docker: 'compose' is not a docker command." >&2; exit 1; }
    cat "$STAND_IN/version" ;;
"info "*)
    [ ! -e "$STAND_IN/no-daemon" ] || { cat "$STAND_IN/no-daemon" >&2; exit 1; }
    # The version, and the engine's ID.
    echo "28.2.2 $(basename "$STAND_IN")" ;;
"compose config --quiet")
    [ ! -e "$STAND_IN/unreadable" ] || { cat "$STAND_IN/unreadable" >&2; exit 15; } ;;
"compose run "*) answer run ;;
"compose ps "*)
    answer ps
    case "$(cat "$STAND_IN/version")" in
    # Before 2.21 it is an array.
    2.20.*) echo "[$(containers | paste -sd ,)]" ;;
    *) containers ;;
    esac
    exit 0 ;;
"compose up "*)
    env > "$STAND_IN/environment"
    answer up
    case "$*" in *" --wait"*) ;; *) exit 0 ;; esac
    while containers | grep -q '"running".*"Health":"[su]'; do sleep 0.05; done
    if containers | grep -q '"exited"'; then
        echo "container opencloud-integration-tests-job-fetcher-1 exited (4)" >&2
        exit 1
    fi ;;
"compose down "*)
    answer down
    rm -f "$STAND_IN/containers" "$STAND_IN"/was-healthy-* ;;
"compose logs "*)
    for service; do :; done
    file="$STAND_IN/log-$service"
    # Compose 2.26 clears the line before each, also where nothing is a terminal.
    [ ! -e "$file" ] || case "$*" in
    *"--timestamps $service") awk '{ printf "\033[2K2026-11-28T12:00:00.%09dZ %s\n", NR, $0 }' "$file" ;;
    *) awk '{ printf "\033[2K%s\n", $0 }' "$file" ;;
    esac
    exit 0 ;;
"ps "*)
    cat "$STAND_IN/all-containers" 2>/dev/null
    exit 0 ;;
"system df "*)
    # The cache of builds keeps the layers of the images.
    if [ -e "$STAND_IN/removed" ]; then
        printf 'Images\t1.2GB\nContainers\t0B\nLocal Volumes\t0B\nBuild Cache\t2.6GB\n'
    else
        printf 'Images\t4.009GB\nContainers\t20.5kB\nLocal Volumes\t0B\nBuild Cache\t0B\n'
    fi ;;
"image ls --quiet --no-trunc") [ -e "$STAND_IN/removed" ] && echo sha256:1 ;;
"image ls --quiet --no-trunc frontend:integration-tests") echo sha256:1 ;;
"image ls "*"dangling=true"*) echo sha256:2 ;;
"image ls "*) ;;
"image inspect "*) echo 1500000000 ;;
"image rm "*) touch "$STAND_IN/removed" ;;
"rm "*) ;;
*)
    echo "unknown call: $*" >&2
    exit 125 ;;
esac
