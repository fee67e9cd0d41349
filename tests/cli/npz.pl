# npz.pl FILE [NAME TYPE SHAPE NUMBERS]...: an .npz archive without compression, NUMBERS between blanks, as in:
# y '<f8' '(3,)' '0 1 nan'
use strict;
use warnings;

my %packs = (i8 => 'q', i4 => 'l', u1 => 'C', b1 => 'C', f8 => 'd', f4 => 'f');

sub checksum { # the CRC-32 of ZIP
    my $sum = 0xffffffff;
    for my $byte (unpack 'C*', shift) {
        $sum ^= $byte;
        $sum = $sum >> 1 ^ ($sum & 1 ? 0xedb88320 : 0) for 1 .. 8;
    }
    return $sum ^ 0xffffffff;
}

my ($file, @arrays) = @ARGV;
my ($body, $directory, $count) = ('', '', 0);
while (my ($name, $type, $shape, $numbers) = splice @arrays, 0, 4) {
    my ($order, $kind) = $type =~ /^(.)(..)$/ or die "type $type";
    my $pack = $packs{$kind} . ($order eq '|' ? '' : $order) . '*';
    my $header = "{'descr': '$type', 'fortran_order': False, 'shape': $shape, }\n";
    my $array = "\x93NUMPY\1\0" . pack('v', length $header) . $header . pack $pack, split ' ', $numbers;
    my $member = "$name.npy";
    my $entry = pack 'v5VVVvv', 20, 0, 0, 0, 33, checksum($array), (length $array) x 2, length $member, 0;
    $directory .= "PK\1\2\24\0" . $entry . pack('v3VV', 0, 0, 0, 0, length $body) . $member;
    $body .= "PK\3\4" . $entry . $member . $array;
    $count++;
}
open my $out, '>:raw', $file or die "$file: $!";
print $out $body . $directory . "PK\5\6" . pack('v4VVv', 0, 0, $count, $count, length $directory, length $body, 0);
close $out or die "$file: $!";
