# How many clusters?  An experiment whose results are files: a model for each number of clusters,
# and two drawings of their inertia.  In a folder of your own:
#
#	sdp-sample iris > f.csv
#	make -f PATH/examples/clusters.mk
#
# Another table or other columns: make -f … DATA=my.csv FEATURES=a,b
DATA := f.csv
FEATURES := petal_length,petal_width
COUNTS := 2 3 4 5 6
MODELS := $(COUNTS:%=k%.json)
GNUPLOT := gnuplot

all: elbow.txt scan.txt

ifeq ($(shell command -v $(GNUPLOT)),)
$(error gnuplot is needed to draw: apt-get install gnuplot-nox)
endif

k%.json: $(DATA)
	sdp-kmeans -k $* -x $(FEATURES) --seed 1 -o $@ $<

elbow.txt: $(MODELS)
	jq -r '[.k,.metrics.inertia]|@tsv' $^ | \
		$(GNUPLOT) -e "set terminal dumb; set key off; plot '<cat' with linespoints" > $@.new
	mv $@.new $@

# The same in one run, and the silhouette beside it.
scan.txt: $(DATA)
	sdp-kmeans -k 2..12 -x $(FEATURES) -f csv -o scan.csv $<
	$(GNUPLOT) -e "set terminal dumb; set datafile separator comma; set y2tics; \
		plot 'scan.csv' using 'k':'inertia' with linespoints, \
		'scan.csv' using 'k':'silhouette' axes x1y2 with linespoints" > $@.new
	mv $@.new $@

clean:
	rm -f $(MODELS) elbow.txt scan.txt scan.csv *.new

.PHONY: all clean
.DELETE_ON_ERROR:
