#!/bin/sh
# SPDX-License-Identifier: GPL-2.0-only
#
# Every row of the interface between Host and Guest, proved by small Guests: rows/*.c, with rows/rows.h for a library. Many
# run in one boot of the Host, each by the real Launcher; then the shadow's words are looked at from outside; and in the
# end no row of rows/list may be without a check that names it.
# shellcheck source=tests/tap.sh
. "$(dirname "$0")/tap.sh"

mkdir -p "$scratch/extra/rows" "$scratch/extra/rows.one"
tests/rows/build "$scratch/extra/rows" || exit 1
mv "$scratch/extra/rows/shadow" "$scratch/extra/rows.one/"

# The Host runs each case of each image, and says for one that is to die: its name, status and the Launcher's message.
cat >"$scratch/extra/run-rows" <<'END'
dmesg -c >/dev/null
for image in /rows/*; do
	lguest 8M "$image" list >/tmp/cases 2>&1 || echo "not ok $image: no list: $(cat /tmp/cases)"
	cut -f 1 /tmp/cases | while read -r name; do
		echo "begin $(basename "$image") $name"
		case $name in
		switcher_*)	cpus=1 ;;	# what they look at lies elsewhere on another processor
		*)	cpus=3 ;;
		esac
		timeout 300 taskset $cpus lguest 8M "$image" "$name" 2>&1 </dev/null
		echo "end $?"
	done
	sed 's/^/list /' /tmp/cases
done
dmesg | sed 's/^/log /'
END
HOSTEXTRA=$scratch/extra CMD='sh /run-rows' make host SMP=2 >"$scratch/said" 2>"$scratch/errors"
is $? 0 'a Host runs small Guests' || diag "$(cat "$scratch/errors")"

# One line for each check, "ok ROW: TEXT" or not; a case that was to end in another way is one that failed.
awk -F '\t' '
	/^list / { sub(/^list /, ""); pattern[$1] = $2; row[$1] = $3; order[++cases] = $1; next }
	/^begin / { split($0, word, " "); name = word[3]; last[name] = ""; next }
	/^end / { status[name] = substr($0, 5); next }
	/^log / { next }
	{ sub(/\r$/, "") }
	/^(not )?ok / { print; count[name]++; next }
	/^#/ { print; next }
	{ last[name] = last[name] $0 " " }
	END {
		for (i = 1; i <= cases; i++) {
			name = order[i]
			sub(/ $/, "", last[name])
			if (pattern[name])
				good = status[name] == 1 && last[name] ~ "^lguest: .*(" pattern[name] ")"
			else
				good = status[name] == 0 && count[name] && last[name] == ""
			print (good ? "ok " : "not ok ") (pattern[name] ? row[name] : "case") " [" name "]"
			if (!good)
				print "# status " status[name] ", said: " last[name]
		}
	}' "$scratch/said" >"$scratch/checks"

count=0
tell=note	# what is said beside a check that failed is shown
while read -r line; do
	case $line in
	'ok '*)	ok 0 "${line#ok }"; tell=note ;;
	'not ok '*) ok 1 "${line#not ok }"; tell=diag ;;
	*)	$tell "${line#\# }" ;;
	esac
	count=$((count + 1))
done <"$scratch/checks"
[ $count -ge 500 ]
ok $? "there were many ($count)"
is "$(host_log <"$scratch/said")" '' "nothing appears in the Host's log"

# The shadow from outside: when the Guest says "look", ask QEMU for the page tables that are in use, again and again until
# they are the Guest's: at any one moment the Host may be the one that runs. A line of the answer: address, machine address,
# and a letter for each bit. No one else needs this Host.
cat >"$scratch/look" <<'END'
use IO::Socket::UNIX;
use JSON::PP;
sub ask {
    my ($qemu, $request) = @_;
    print $qemu encode_json($request), "\n";
    while (my $line = <$qemu>) {
        my $answer = decode_json($line);
        return $answer->{return} if exists $answer->{return};
    }
    exit;
}
while (my $line = <STDIN>) {
    next unless $line =~ /^look/;
    my $qemu = IO::Socket::UNIX->new($ARGV[0]) or die "QEMU: $!\n";
    ask($qemu, { execute => 'qmp_capabilities' });
    my %tables = (execute => 'human-monitor-command', arguments => { 'command-line' => 'info tlb' });
    my $answer;
    do {
        select undef, undef, undef, 0.05 if defined $answer;
        $answer = ask($qemu, \%tables);
    } until $answer =~ /^0*401000: /m;
    print map { s/^0*(?=[0-9a-f]{8}: )//r } map { "$_\n" } grep { /^[0-9a-f]+: / } split /\r?\n/, $answer;
    ask($qemu, { execute => 'quit' });
}
END
CMD='lguest 8M /rows.one/shadow shadow' HOSTEXTRA=$scratch/extra \
	LAB_QEMU="-qmp unix:$scratch/monitor,server=on,wait=off" FLAVOUR=${FLAVOUR:-686} \
	sh build/src/lab/run host 2>"$scratch/errors" | perl "$scratch/look" "$scratch/monitor" >"$scratch/tlb"
bits()
{
	sed -n "s/^$1: [0-9a-f]* //p" "$scratch/tlb"
}
echo '2.6 shadow:' >"$scratch/outside"
is "$(bits 00401000)" '---DA--UW' '2.6 shadow: of an entry with every bit, cache mode, size and global are not there' ||
	diag "$(cat "$scratch/errors")"
is "$(bits 00402000)" '---DA----' '2.6 shadow: read-only stays read-only'
is "$(bits 00403000)" '---DA----' '2.6 shadow: what was only read is not writable yet'
is "$(bits 00404000)" '---DA---W' '2.6 shadow: what was written is'
# A Host of 64 bits shows nothing of itself below 4 GB, where the Guest is, and nothing for programs above.
case ${FLAVOUR:-686} in
amd64*)	is "$(bits 'ff[89a-f][0-9a-f]\{5\}')" '' '2.6 shadow: of the Host there is nothing that a Guest could name'
	is "$(bits '[0-9a-f]\{9,\}' | grep -c U)" 0 '2.6 shadow: nor anything for programs' ;;
*)	is "$(bits 'ff[89a-f][0-9a-f]*' | sed 's/^X/-/' | sort | uniq -c | tr -s ' ' | tr '\n' ';')" \
		' 2 ---DA----; 1 ---DA---W;' \
		"2.6 shadow: of the Host there are two pages to read and one to write, and nothing for programs" ;;
esac

# No row without a check that names it.
sed -n 's/^ok \(.*\)/\1/p' "$scratch/checks" >>"$scratch/outside"
tab=$(printf '\t')
while IFS=$tab read -r row file words; do
	case $row in
	'' | '#'*)	continue ;;
	esac
	if [ -n "$file" ]; then
		grep -Fq -e "$words" "tests/$file"
	else
		awk -v "row=$row:" 'index($0, row) == 1 { found = 1 } END { exit !found }' "$scratch/outside"
	fi
	ok $? "row $row has a check"
done <tests/rows/list

done_testing
